import { gunzipSync } from 'node:zlib';
import { type Bytes, epochMilliseconds, mebibytes, nanoseconds } from '../../model/units.ts';
import type {
  Profile,
  ProfileFunction,
  ProfileLabel,
  ProfileLine,
  ProfileLocation,
  ProfileMapping,
  ProfileSamples,
  ValueType,
} from './profile.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { UnreadableProfile } from './unreadable-profile.ts';

/** Uncompressed. A Go service's profiles are a few hundred kB, of a heap with 100,000 stacks 10 MB. */
const defaultLimit = mebibytes(32);
/** Samples, locations, functions, texts. A part of a few bytes becomes an object of a hundred. */
const partsLimit = 2_000_000;

/**
 * Decodes a profile as Go's pprof endpoints give it (gzip of profile.proto; without gzip too).
 *
 * Written here instead of using pprof-format, which takes two to three times as long, takes a profile that was cut short
 * for a whole one, and gives numbers now as number, now as bigint.
 *
 * @param limit of the uncompressed size: a longer one is refused before it takes memory.
 * @throws UnreadableProfile with one line that says why.
 */
export function decodeProfile(compressed: Uint8Array, limit: Bytes = defaultLimit): Profile {
  const bytes = uncompressed(compressed, limit);
  const raw = readMessage(bytes);
  const text = (index: number): string => {
    const found = raw.strings[index];
    if (found === undefined) throw new UnreadableProfile(`text ${index} is missing`);
    return found;
  };
  if (raw.sampleTypes.length === 0) throw new UnreadableProfile('it does not say what was sampled');
  const sampleTypes = raw.sampleTypes.map(({ type, unit }): ValueType => ({ type: text(type), unit: text(unit) }));
  indexById(raw.mappings, 'mapping');
  const mappings = new Map(
    raw.mappings.map(({ id, file, buildId, ...place }): [number, ProfileMapping] => [
      id,
      { ...place, file: text(file), buildId: text(buildId) },
    ]),
  );
  const functionIndex = indexById(raw.functions, 'function');
  const locationIndex = indexById(raw.locations, 'location');
  const named = sampleTypes.findIndex(({ type }) => type === text(raw.defaultSampleType) && type !== '');
  return {
    sampleTypes,
    defaultSampleType: named === -1 ? sampleTypes.length - 1 : named,
    periodType: { type: text(raw.periodType.type), unit: text(raw.periodType.unit) },
    period: raw.period,
    dropFrames: text(raw.dropFrames),
    keepFrames: text(raw.keepFrames),
    functions: raw.functions.map(({ name, systemName, file, startLine }): ProfileFunction => ({
      name: text(name),
      systemName: text(systemName),
      file: text(file),
      startLine,
    })),
    locations: raw.locations.map(({ address, mapping, isFolded, lines }): ProfileLocation => ({
      address,
      mapping: mappings.get(mapping) ?? null,
      isFolded,
      lines: lines.map(({ id, line, column }): ProfileLine => ({
        function: resolve(functionIndex, id, 'function'),
        line,
        column,
      })),
    })),
    samples: readSamples(bytes, raw.samples, sampleTypes.length, locationIndex, text),
    startedAt: raw.timeNanoseconds === 0 ? null : epochMilliseconds(nanoseconds(raw.timeNanoseconds)),
    durationMs: nanoseconds(raw.durationNanoseconds),
  };
}

function uncompressed(compressed: Uint8Array, limit: Bytes): Uint8Array {
  if (compressed.length === 0) throw new UnreadableProfile('it is empty');
  const isGzip = compressed[0] === 0x1f && compressed[1] === 0x8b;
  if (!isGzip && compressed.length > limit) throw new UnreadableProfile(`it is larger than ${limit} bytes`);
  if (!isGzip) return compressed;
  try {
    return gunzipSync(compressed, { maxOutputLength: limit });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new UnreadableProfile(`it is larger than ${limit} bytes`);
    if (code === 'Z_BUF_ERROR') throw new UnreadableProfile('it was cut short');
    throw new UnreadableProfile('its compression is damaged');
  }
}

interface RawProfile {
  readonly sampleTypes: { readonly type: number; readonly unit: number }[];
  /** Begin and end of each, read when all else is known. */
  readonly samples: { readonly start: number; readonly end: number }[];
  readonly mappings: (Omit<ProfileMapping, 'file' | 'buildId'> & {
    readonly id: number;
    readonly file: number;
    readonly buildId: number;
  })[];
  readonly locations: RawLocation[];
  readonly functions: {
    readonly id: number;
    readonly name: number;
    readonly systemName: number;
    readonly file: number;
    readonly startLine: number;
  }[];
  readonly strings: string[];
  periodType: { readonly type: number; readonly unit: number };
  period: number;
  dropFrames: number;
  keepFrames: number;
  timeNanoseconds: number;
  durationNanoseconds: number;
  defaultSampleType: number;
}

interface RawLocation {
  readonly id: number;
  readonly mapping: number;
  readonly address: number;
  readonly isFolded: boolean;
  readonly lines: readonly { readonly id: number; readonly line: number; readonly column: number }[];
}

/** Field numbers as in https://github.com/google/pprof/blob/main/proto/profile.proto */
function readMessage(bytes: Uint8Array): RawProfile {
  const raw: RawProfile = {
    sampleTypes: [],
    samples: [],
    mappings: [],
    locations: [],
    functions: [],
    strings: [],
    periodType: { type: 0, unit: 0 },
    period: 0,
    dropFrames: 0,
    keepFrames: 0,
    timeNanoseconds: 0,
    durationNanoseconds: 0,
    defaultSampleType: 0,
  };
  const decoder = new TextDecoder();
  const reader = new ProtobufReader(bytes);
  for (let parts = 0; reader.next(); parts++) {
    if (parts > partsLimit) throw new UnreadableProfile(`it has more than ${partsLimit} parts`);
    switch (reader.field) {
      case 1: {
        const { 1: type = 0, 2: unit = 0 } = integerFields(reader.message());
        raw.sampleTypes.push({ type, unit });
        break;
      }
      case 2:
        raw.samples.push(reader.range());
        break;
      case 3: {
        const fields = integerFields(reader.message());
        const { 1: id = 0, 2: start = 0, 3: limit = 0, 4: offset = 0, 5: file = 0, 6: buildId = 0 } = fields;
        raw.mappings.push({ id, start, limit, offset, file, buildId });
        break;
      }
      case 4:
        raw.locations.push(readLocation(reader.message()));
        break;
      case 5: {
        const fields = integerFields(reader.message());
        const { 1: id = 0, 2: name = 0, 3: systemName = 0, 4: file = 0, 5: startLine = 0 } = fields;
        raw.functions.push({ id, name, systemName, file, startLine });
        break;
      }
      case 6: {
        const { start, end } = reader.range();
        raw.strings.push(decoder.decode(bytes.subarray(start, end)));
        break;
      }
      case 7:
        raw.dropFrames = reader.integer();
        break;
      case 8:
        raw.keepFrames = reader.integer();
        break;
      case 9:
        raw.timeNanoseconds = reader.integer(true);
        break;
      case 10:
        raw.durationNanoseconds = reader.integer(true);
        break;
      case 11: {
        const { 1: type = 0, 2: unit = 0 } = integerFields(reader.message());
        raw.periodType = { type, unit };
        break;
      }
      case 12:
        raw.period = reader.integer(true);
        break;
      case 14:
        raw.defaultSampleType = reader.integer();
        break;
      default:
        reader.skip();
    }
  }
  if (raw.strings[0] !== '') throw new UnreadableProfile('no profile: its table of texts is missing');
  return raw;
}

/** A message of which only integers matter, by their field numbers. */
function integerFields(message: ProtobufReader): Record<number, number> {
  const fields: Record<number, number> = {};
  while (message.next()) {
    if (message.wireType === 0 && message.field <= 6) fields[message.field] = message.integer(true);
    else message.skip();
  }
  return fields;
}

function readLocation(message: ProtobufReader): RawLocation {
  let [id, mapping, address, folded] = [0, 0, 0, 0];
  const lines: { id: number; line: number; column: number }[] = [];
  while (message.next()) {
    if (message.field === 1) id = message.integer();
    else if (message.field === 2) mapping = message.integer();
    else if (message.field === 3) address = message.integer();
    else if (message.field === 4) {
      const { 1: functionId = 0, 2: line = 0, 3: column = 0 } = integerFields(message.message());
      lines.push({ id: functionId, line, column });
    } else if (message.field === 5) folded = message.integer();
    else message.skip();
  }
  return { id, mapping, address, lines, isFolded: folded !== 0 };
}

function indexById(list: readonly { readonly id: number }[], what: string): Map<number, number> {
  const index = new Map<number, number>();
  for (const [position, { id }] of list.entries()) {
    if (id === 0) throw new UnreadableProfile(`a ${what} without an id`);
    if (index.has(id)) throw new UnreadableProfile(`two ${what}s with the id ${id}`);
    index.set(id, position);
  }
  return index;
}

function resolve(index: ReadonlyMap<number, number>, id: number, what: string): number {
  const position = index.get(id);
  if (position === undefined) throw new UnreadableProfile(`${what} ${id} is missing`);
  return position;
}

const noLabels: readonly ProfileLabel[] = [];

/** Two passes: the first counts, so that the columns have their size from the begin on. */
function readSamples(
  bytes: Uint8Array,
  ranges: RawProfile['samples'],
  valuesEach: number,
  locationIndex: ReadonlyMap<number, number>,
  text: (index: number) => string,
): ProfileSamples {
  const stackStart = new Uint32Array(ranges.length + 1);
  for (const [index, range] of ranges.entries()) {
    let depth = 0;
    const message = new ProtobufReader(bytes, range.start, range.end);
    while (message.next()) {
      if (message.field === 1) depth += message.repeated().integersLeft;
      else message.skip();
    }
    stackStart[index + 1] = (stackStart[index] ?? 0) + depth;
  }
  const stack = new Uint32Array(stackStart[ranges.length] ?? 0);
  const values = new Float64Array(ranges.length * valuesEach);
  const labels: (readonly ProfileLabel[])[] = [];
  for (const [index, range] of ranges.entries()) {
    let frame = stackStart[index] ?? 0;
    let value = 0;
    const own: ProfileLabel[] = [];
    const message = new ProtobufReader(bytes, range.start, range.end);
    while (message.next()) {
      if (message.field === 1) {
        for (const ids = message.repeated(); ids.more;)
          stack[frame++] = resolve(locationIndex, ids.unsigned(), 'location');
      } else if (message.field === 2) {
        for (const numbers = message.repeated(); numbers.more; value++) {
          const each = numbers.signed();
          if (value < valuesEach) values[index * valuesEach + value] = each;
        }
      } else if (message.field === 3) own.push(readLabel(message.message(), text));
      else message.skip();
    }
    if (value !== valuesEach) throw new UnreadableProfile(`a sample with ${value} values instead of ${valuesEach}`);
    labels.push(own.length === 0 ? noLabels : own);
  }
  return { count: ranges.length, stackStart, stack, values, labels };
}

function readLabel(message: ProtobufReader, text: (index: number) => string): ProfileLabel {
  const { 1: key = 0, 2: string = 0, 3: number = 0, 4: unit = 0 } = integerFields(message);
  return { key: text(key), value: string === 0 ? number : text(string), unit: string === 0 ? text(unit) : '' };
}
