import type { Profile, ProfileLocation } from './profile.ts';

/** One function of a profile, in the unit of the sample type. */
export interface FunctionCost {
  readonly function: string;
  /** Of the function's own code: it was the innermost. */
  readonly flat: number;
  /** With all that it called, directly or not; once per sample, however often it is on the stack. */
  readonly cumulative: number;
}

export interface FunctionCosts {
  readonly type: string;
  readonly unit: string;
  /** Sum of the absolute values of all samples, the denominator of shares. */
  readonly total: number;
  /** Sum of the values: less than `total` where a difference has negative ones. */
  readonly sum: number;
  /** All functions, by flat, then name, then cumulative. */
  readonly functions: readonly FunctionCost[];
}

/**
 * Flat and cumulative cost of every function, as `go tool pprof -top -nodefraction=0` shows them: functions are told
 * apart by name alone, inlined ones count as functions, samples of value 0 do not count.
 *
 * @param sampleType index of the value to add up.
 */
export function topFunctions(profile: Profile, sampleType: number = profile.defaultSampleType): FunctionCosts {
  const { sampleTypes, samples } = profile;
  const { names, framesOf } = framesByName(profile);
  const flat = new Float64Array(names.length);
  const cumulative = new Float64Array(names.length);
  const lastSample = new Int32Array(names.length).fill(-1);
  let total = 0;
  let sum = 0;
  for (let sample = 0; sample < samples.count; sample++) {
    const value = samples.values[sample * sampleTypes.length + sampleType] ?? 0;
    if (value === 0) continue;
    total += Math.abs(value);
    sum += value;
    const [start, end] = [samples.stackStart[sample] ?? 0, samples.stackStart[sample + 1] ?? 0];
    for (let position = start; position < end; position++) {
      const frames = framesOf[samples.stack[position] ?? 0] ?? [];
      if (position === start && frames[0] !== undefined) flat[frames[0]] = (flat[frames[0]] ?? 0) + value;
      for (const frame of frames) {
        if (lastSample[frame] === sample) continue;
        lastSample[frame] = sample;
        cumulative[frame] = (cumulative[frame] ?? 0) + value;
      }
    }
  }
  const functions = names.flatMap((name, index): FunctionCost[] =>
    lastSample[index] === -1 ? [] : [{ function: name, flat: flat[index] ?? 0, cumulative: cumulative[index] ?? 0 }],
  );
  const { type = '', unit = '' } = sampleTypes[sampleType] ?? {};
  return { type, unit, total, sum, functions: functions.toSorted(byFlat) };
}

function byFlat(one: FunctionCost, other: FunctionCost): number {
  if (Math.abs(one.flat) !== Math.abs(other.flat)) return Math.abs(other.flat) - Math.abs(one.flat);
  if (one.function !== other.function) return one.function < other.function ? -1 : 1;
  return Math.abs(other.cumulative) - Math.abs(one.cumulative);
}

/** Distinct names, and for each location the indices of those at it, innermost first. */
function framesByName({ functions, locations }: Profile): {
  names: string[];
  framesOf: readonly (readonly number[])[];
} {
  const names: string[] = [];
  const indexOf = new Map<string, number>();
  const add = (name: string): number => {
    const known = indexOf.get(name);
    if (known !== undefined) return known;
    indexOf.set(name, names.length);
    return names.push(name) - 1;
  };
  const functionNames = functions.map(({ name }) => name);
  const framesOf = locations.map((location) =>
    location.lines.length === 0
      ? [add(nameWithoutSymbols(location))]
      : location.lines.map((line) => add(functionNames[line.function] ?? '')),
  );
  return { names, framesOf };
}

const nameWithoutSymbols = ({ mapping }: ProfileLocation): string =>
  mapping === '' ? '<unknown>' : `[${mapping.slice(mapping.lastIndexOf('/') + 1)}]`;
