import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { type Bytes, bytes } from '../../model/units.ts';
import { UnreadableRun } from './unreadable-run.ts';
import { neededFiles, runFiles } from './run-folder-files.ts';

/** What a complete run folder holds, so that a lost or altered file is noticed. */
export interface Manifest {
  readonly formatVersion: number;
  readonly id: string;
  readonly files: Readonly<Record<string, { readonly bytes: Bytes; readonly sha256: string }>>;
}

/** A path inside the folder, as the manifest writes it. */
const insideFolder = /^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\\\0][^\\\0]*$/;

const manifestShape = z.object({
  formatVersion: z.int(),
  id: z.string(),
  files: z.record(
    z.string().regex(insideFolder),
    z.object({ bytes: z.int().nonnegative().transform(bytes), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

/** @throws z.ZodError */
export const decodeManifest = (data: unknown): Manifest => manifestShape.parse(data);

/** Of all files that are in the folder now. */
export async function manifestOf(folder: string, id: string, formatVersion: number): Promise<Manifest> {
  const files: Record<string, { bytes: Bytes; sha256: string }> = {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => name !== runFiles.manifest)
    .toSorted();
  for (const name of names) files[name] = await fileIdentity(join(folder, name));
  return { formatVersion, id, files };
}

/** @throws UnreadableRun that names the first file which is missing, altered, or needed but not listed */
export async function verifyManifest(folder: string, manifest: Manifest): Promise<void> {
  const unlisted = neededFiles.find((name) => manifest.files[name] === undefined);
  if (unlisted !== undefined)
    throw new UnreadableRun(`${folder}: ${runFiles.manifest} does not list ${unlisted}`, restore);
  for (const [name, listed] of Object.entries(manifest.files)) {
    const file = join(folder, name);
    const found = await lstat(file).catch(() => null);
    if (found === null) throw new UnreadableRun(`${folder}: ${name} is missing`, restore);
    if (!found.isFile()) throw new UnreadableRun(`${folder}: ${name} is not a file`, restore);
    const same = found.size === listed.bytes && (await fileIdentity(file)).sha256 === listed.sha256;
    if (!same)
      throw new UnreadableRun(`${folder}: ${name} is not what ${runFiles.manifest} says: it was altered`, restore);
  }
}

const restore = 'restore the folder from where it came from, or run again';

/** Size and hash of one file. */
export async function fileIdentity(file: string): Promise<{ bytes: Bytes; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const part of createReadStream(file)) {
    if (!Buffer.isBuffer(part)) continue;
    size += part.byteLength;
    hash.update(part);
  }
  return { bytes: bytes(size), sha256: hash.digest('hex') };
}
