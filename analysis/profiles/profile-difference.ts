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
  readonly stack: readonly number[];
  readonly labels: readonly ProfileLabel[];
  readonly values: Float64Array;
}

class MergedSamples {
  readonly #valuesEach: number;
  readonly #functions = new Interned<ProfileFunction>();
  readonly #locations = new Interned<ProfileLocation>();
  readonly #samples = new Map<string, MergedSample>();

  constructor(valuesEach: number) {
    this.#valuesEach = valuesEach;
  }

  add({ functions, locations, samples }: Profile, sign: 1 | -1): void {
    const functionIds = functions.map((each) => this.#functions.idOf(`${each.name}\n${each.file}`, each));
    const locationIds = locations.map((location) => {
      const lines = location.lines.map((line) => ({ ...line, function: functionIds[line.function] ?? 0 }));
      const key = `${location.address} ${location.mapping}\n${lines.map((line) => `${line.function}:${line.line}`).join(' ')}`;
      return this.#locations.idOf(key, { ...location, lines });
    });
    for (let index = 0; index < samples.count; index++) {
      const frames = samples.stack.subarray(samples.stackStart[index], samples.stackStart[index + 1]);
      const stack = Array.from(frames, (location) => locationIds[location] ?? 0);
      const labels = samples.labels[index] ?? [];
      const key = labels.length === 0 ? stack.join(' ') : `${stack.join(' ')}\n${labelsKey(labels)}`;
      const sample = this.#samples.get(key) ?? { stack, labels, values: new Float64Array(this.#valuesEach) };
      this.#samples.set(key, sample);
      for (let value = 0; value < this.#valuesEach; value++) {
        const own = samples.values[index * this.#valuesEach + value] ?? 0;
        sample.values[value] = (sample.values[value] ?? 0) + sign * own;
      }
    }
  }

  finish(): Pick<Profile, 'functions' | 'locations' | 'samples'> {
    const list = [...this.#samples.values()].filter(({ values }) => values.some((value) => value !== 0));
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

const labelsKey = (labels: readonly ProfileLabel[]): string =>
  JSON.stringify(labels.map(({ key, value, unit }) => [key, value, unit]).toSorted(byText));

const byText = (one: readonly unknown[], other: readonly unknown[]): number =>
  JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
