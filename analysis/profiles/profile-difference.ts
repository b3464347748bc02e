import type { Profile, ProfileFunction, ProfileLabel, ProfileLocation } from './profile.ts';

/**
 * What was added from one snapshot to a later one of the same process: values are subtracted stack by stack (address,
 * function and line of every frame) and label by label; samples that come to 0 are left out. As `go tool pprof -base`.
 *
 * @throws RangeError where the two hold different sample types.
 */
export function profileDifference(before: Profile, after: Profile): Profile {
  if (!haveDifference(before, after))
    throw new RangeError(`profiles of ${typesOf(before)} and of ${typesOf(after)} have no difference`);
  const merged = new MergedSamples(after.sampleTypes.length);
  merged.add(after, 1);
  merged.add(before, -1);
  return { ...after, ...merged.finish() };
}

/** Whether two profiles hold values of the same kinds. */
export const haveDifference = (one: Profile, other: Profile): boolean => typesOf(one) === typesOf(other);

const typesOf = ({ sampleTypes }: Profile): string => sampleTypes.map(({ type, unit }) => `${type}/${unit}`).join(' ');

interface MergedSample {
  readonly stack: Uint32Array;
  readonly labels: readonly ProfileLabel[];
  readonly labelsKey: string;
  readonly values: Float64Array;
}

class MergedSamples {
  readonly #valuesEach: number;
  readonly #functions = new Interned<ProfileFunction>();
  readonly #locations = new Interned<ProfileLocation>();
  readonly #list: MergedSample[] = [];
  /** Samples by a hash of their stack. Joining stacks to texts as keys takes several times as long. */
  readonly #byHash = new Map<number, MergedSample[]>();

  constructor(valuesEach: number) {
    this.#valuesEach = valuesEach;
  }

  add({ functions, locations, samples }: Profile, sign: 1 | -1): void {
    const functionIds = functions.map((each) => this.#functions.idOf(`${each.name}\n${each.file}`, each));
    const locationIds = Uint32Array.from(locations, (location) => {
      const lines = location.lines.map((line) => ({ ...line, function: functionIds[line.function] ?? 0 }));
      const place = lines.map((line) => `${line.function}:${line.line}`).join(' ');
      return this.#locations.idOf(`${location.address} ${location.mapping}\n${place}`, { ...location, lines });
    });
    const stacks = samples.stack.map((location) => locationIds[location] ?? 0);
    for (let index = 0; index < samples.count; index++) {
      const stack = stacks.subarray(samples.stackStart[index], samples.stackStart[index + 1]);
      const { values } = this.#sampleOf(stack, samples.labels[index] ?? []);
      for (let value = 0; value < this.#valuesEach; value++) {
        const own = samples.values[index * this.#valuesEach + value] ?? 0;
        values[value] = (values[value] ?? 0) + sign * own;
      }
    }
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

const keyOf = (labels: readonly ProfileLabel[]): string =>
  labels
    .map(({ key, value, unit }) => JSON.stringify([key, value, unit]))
    .toSorted(byText)
    .join('');

const byText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
