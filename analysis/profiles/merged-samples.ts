import type {
  Profile,
  ProfileFunction,
  ProfileLabel,
  ProfileLine,
  ProfileLocation,
  ProfileMapping,
} from './profile.ts';

interface MergedSample {
  readonly stack: Uint32Array;
  readonly labels: readonly ProfileLabel[];
  readonly labelsKey: string;
  readonly values: Float64Array;
}

/** Mappings that differ by less than a page are of the same file. */
const page = 4096;

/**
 * Sums of samples that have the same stack and labels, as pprof merges them: locations are the same by their address
 * within the mapping, its functions and lines; mappings by size, offset and build id, else file.
 */
export class MergedSamples {
  readonly #valuesEach: number;
  readonly #functions = new Interned<ProfileFunction>();
  readonly #mappings = new Interned<ProfileMapping>();
  readonly #locations = new Interned<ProfileLocation>();
  readonly #list: MergedSample[] = [];
  /** Samples by a hash of their stack. Joining stacks to texts as keys takes several times as long. */
  readonly #byHash = new Map<number, MergedSample[]>();

  constructor(valuesEach: number) {
    this.#valuesEach = valuesEach;
  }

  /** @param factor what each value counts, such as −1 to subtract. */
  add({ functions, locations, samples }: Profile, factor = 1): void {
    const functionIds = functions.map((each) => this.#functions.idOf(functionKey(each), each));
    const locationIds = Uint32Array.from(locations, (location) => this.#locationId(location, functionIds));
    const stacks = samples.stack.map((location) => locationIds[location] ?? 0);
    for (let index = 0; index < samples.count; index++) {
      const own = samples.values.subarray(index * this.#valuesEach, (index + 1) * this.#valuesEach);
      if (own.every((value) => value === 0)) continue;
      const stack = stacks.subarray(samples.stackStart[index], samples.stackStart[index + 1]);
      const { values } = this.#sampleOf(stack, samples.labels[index] ?? []);
      for (const [column, value] of own.entries()) values[column] = (values[column] ?? 0) + factor * value;
    }
  }

  #locationId(location: ProfileLocation, functionIds: readonly number[]): number {
    const { mapping, address, isFolded } = location;
    const lines = location.lines.map((each): ProfileLine => ({ ...each, function: functionIds[each.function] ?? 0 }));
    const place = lines.map((each) => `${each.function}:${each.line}`).join(' ');
    const [start, mappingId] =
      mapping === null ? [0, -1] : [mapping.start, this.#mappings.idOf(mappingKey(mapping), mapping)];
    // As in pprof, of the columns only the last one counts.
    const key = `${address - start} ${mappingId} ${isFolded} ${place} ${lines.at(-1)?.column ?? 0}`;
    return this.#locations.idOf(key, { ...location, mapping: this.#mappings.list[mappingId] ?? null, lines });
  }

  #sampleOf(stack: Uint32Array, labels: readonly ProfileLabel[]): MergedSample {
    const key = keyOf(labels);
    const hash = hashOf(stack);
    const candidates = this.#byHash.get(hash) ?? [];
    const known = candidates.find((each) => each.labelsKey === key && isSame(each.stack, stack));
    if (known !== undefined) return known;
    const added = { stack, labels, labelsKey: key, values: new Float64Array(this.#valuesEach) };
    candidates.push(added);
    this.#byHash.set(hash, candidates);
    this.#list.push(added);
    return added;
  }

  /** Samples that came to 0 are left out. */
  finish(): Pick<Profile, 'functions' | 'locations' | 'samples'> {
    const list = this.#list.filter(({ values }) => values.some((value) => value !== 0));
    const stackStart = new Uint32Array(list.length + 1);
    for (const [index, { stack }] of list.entries()) stackStart[index + 1] = (stackStart[index] ?? 0) + stack.length;
    const stack = new Uint32Array(stackStart[list.length] ?? 0);
    const values = new Float64Array(list.length * this.#valuesEach);
    for (const [index, sample] of list.entries()) {
      stack.set(sample.stack, stackStart[index]);
      values.set(sample.values, index * this.#valuesEach);
    }
    return {
      functions: this.#functions.list,
      locations: this.#locations.list,
      samples: { count: list.length, stackStart, stack, values, labels: list.map(({ labels }) => labels) },
    };
  }
}

/** Things that are the same by a key, numbered as they appear. */
class Interned<T> {
  readonly list: T[] = [];
  readonly #ids = new Map<string, number>();

  idOf(key: string, thing: T): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.list.length);
    return this.list.push(thing) - 1;
  }
}

const functionKey = ({ name, systemName, file, startLine }: ProfileFunction): string =>
  `${name}\n${systemName}\n${file}\n${startLine}`;

const mappingKey = ({ start, limit, offset, buildId, file }: ProfileMapping): string =>
  `${Math.ceil((limit - start) / page)} ${offset} ${buildId === '' ? file : buildId}`;

/** FNV-1a over whole numbers instead of bytes; equal hashes are told apart by comparing the stacks. */
function hashOf(stack: Uint32Array): number {
  let hash = 0x811c9dc5;
  for (const location of stack) hash = Math.imul(hash ^ location, 0x01000193);
  return hash;
}

function isSame(one: Uint32Array, other: Uint32Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}

/** The order of different keys does not matter, that of the values of one does. A number 0 without a unit is no label. */
function keyOf(labels: readonly ProfileLabel[]): string {
  if (labels.length === 0) return '';
  return JSON.stringify(
    labels
      .filter(({ value, unit }) => value !== 0 || unit !== '')
      .map(({ key, value, unit }) => [key, value, unit] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : Number(one > other))),
  );
}
