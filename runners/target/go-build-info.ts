import { type FileHandle, open } from 'node:fs/promises';
import { mebibytes } from '../../model/units.ts';

/** What the Go linker left in a binary; the same figures as `go version -m` and `go tool buildid` give. */
export interface GoBuildInfo {
  readonly goVersion: string;
  /** Import path of the main package. */
  readonly path: string | null;
  readonly module: { readonly path: string; readonly version: string } | null;
  /** `GOAMD64`, `CGO_ENABLED`, `vcs.revision`, … */
  readonly settings: Readonly<Record<string, string>>;
  readonly buildId: string | null;
}

const magic = Buffer.from('\xff Go buildinf:', 'latin1');
/** Sections of this kind are a few kilobytes; a larger one is not what it says it is. */
const largestSection = mebibytes(4);

/**
 * Reads an ELF file's `.go.buildinfo` (inline strings, Go 1.18 and later; layout: debug/buildinfo of the Go standard
 * library) and its `.note.go.buildid`. Null where it is no such file.
 */
export async function readGoBuildInfo(file: string): Promise<GoBuildInfo | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const sections = await elfSections(handle, ['.go.buildinfo', '.note.go.buildid']);
    const info = sections.get('.go.buildinfo');
    const decoded = info === undefined ? null : decodeBuildInfo(info);
    return decoded === null ? null : { ...decoded, buildId: decodeBuildId(sections.get('.note.go.buildid')) };
  } catch (error) {
    if (error instanceof RangeError) return null; // an offset beyond the file's end: not what it says it is
    throw error;
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(position) || length < 0 || length > largestSection) throw new RangeError('no such place');
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** The wanted sections of an ELF file (elf(5)); empty where it is none. */
async function elfSections(handle: FileHandle, wanted: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const header = await readAt(handle, 0, 64);
  if (header.length < 52 || header.toString('latin1', 0, 4) !== '\x7fELF') return found;
  const wide = header[4] === 2;
  const little = header[5] === 1;
  const half = (from: Buffer, at: number): number => (little ? from.readUInt16LE(at) : from.readUInt16BE(at));
  const word = (from: Buffer, at: number): number => (little ? from.readUInt32LE(at) : from.readUInt32BE(at));
  const long = (from: Buffer, at: number): number =>
    wide ? Number(little ? from.readBigUInt64LE(at) : from.readBigUInt64BE(at)) : word(from, at);
  const [tableAt, sizeAt, offsetAt, lengthAt] = wide ? [0x28, 0x3a, 0x18, 0x20] : [0x20, 0x2e, 0x10, 0x14];
  const entrySize = half(header, sizeAt);
  const count = half(header, sizeAt + 2);
  const namesIndex = half(header, sizeAt + 4);
  const table = await readAt(handle, long(header, tableAt), entrySize * count);
  const contentOf = async (index: number): Promise<Buffer> => {
    const entry = table.subarray(index * entrySize, (index + 1) * entrySize);
    return readAt(handle, long(entry, offsetAt), long(entry, lengthAt));
  };
  const names = await contentOf(namesIndex);
  for (let index = 0; index < count; index++) {
    const start = word(table, index * entrySize);
    const end = names.indexOf(0, start);
    const name = names.toString('latin1', start, end === -1 ? start : end);
    if (wanted.includes(name)) found.set(name, await contentOf(index));
  }
  return found;
}

function decodeBuildInfo(section: Buffer): Omit<GoBuildInfo, 'buildId'> | null {
  const start = section.indexOf(magic);
  const inlineStrings = 2;
  if (start === -1 || ((section[start + 15] ?? 0) & inlineStrings) === 0) return null;
  const version = stringAt(section, start + 32);
  const lines = version === null ? null : stringAt(section, version.end);
  if (version === null || lines === null) return null;
  return { goVersion: version.text, ...decodeModuleLines(lines.text) };
}

/** Length as a base-128 varint, then the bytes. */
function stringAt(section: Buffer, at: number): { text: string; end: number } | null {
  let length = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = section[at++];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80)
      return at + length > section.length
        ? null
        : { text: section.toString('utf8', at, at + length), end: at + length };
  }
  return null;
}

function decodeModuleLines(text: string): Omit<GoBuildInfo, 'buildId' | 'goVersion'> {
  let path: string | null = null;
  let module: GoBuildInfo['module'] = null;
  const settings: Record<string, string> = {};
  // The text stands between two sentinels of 16 bytes, the first of which joins the first line.
  for (const line of text.split('\n')) {
    const [kind = '', first = '', second = ''] = line.split('\t');
    if (kind.endsWith('path') && path === null && first !== '') path = first;
    else if (kind === 'mod') module = { path: first, version: second };
    else if (kind === 'build') {
      const setting = /^(?:"((?:[^"\\]|\\.)*)"|([^="]+))=(.*)$/.exec(first);
      if (setting !== null) settings[setting[1] ?? setting[2] ?? ''] = setting[3] ?? '';
    }
  }
  return { path, module, settings };
}

/** An ELF note: sizes of name and description, type 4, name "Go", description. */
function decodeBuildId(note: Buffer | undefined): string | null {
  if (note === undefined || note.length < 16) return null;
  const little = note.readUInt32LE(0) === 4;
  const [nameSize, size, type] = [0, 4, 8].map((at) => (little ? note.readUInt32LE(at) : note.readUInt32BE(at)));
  if (nameSize !== 4 || type !== 4 || size === undefined || note.toString('latin1', 12, 14) !== 'Go') return null;
  return note.toString('utf8', 16, Math.min(note.length, 16 + size));
}
