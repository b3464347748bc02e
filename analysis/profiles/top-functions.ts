import { baseLabel } from './combine-profiles.ts';
import { type Frames, framesByName } from './frames-by-name.ts';
import type { Profile, ProfileLabel } from './profile.ts';

/** One function of a profile, in the unit of the sample type. */
export interface FunctionCost {
  readonly function: string;
  /** Of the function's own code: it was the innermost. */
  readonly flat: number;
  /** With all that it called, directly or not; once per sample, however often it is on the stack. */
  readonly cumulative: number;
  /** Whether the compiler put it into its callers, all of them or some; left out where none. */
  readonly inlined?: 'all' | 'some';
}

export interface FunctionCosts {
  readonly type: string;
  readonly unit: string;
  /** Sum of the absolute values of all samples, of those of a `-diff_base` alone where there are any: what shares are of. */
  readonly total: number;
  /** Sum of the values: less than `total` where a difference has negative ones. */
  readonly sum: number;
  readonly functions: readonly FunctionCost[];
  /** Functions left out because their cumulative value is below `cutoff`. */
  readonly dropped: number;
  /** How many there were before only so many were taken. */
  readonly listed: number;
}

/** What `go tool pprof -top` is told by options of these names. */
export interface TopOptions {
  /** Index of the value to add up. */
  readonly sampleType: number;
  readonly sort: 'flat' | 'cum';
  /** 0: all. */
  readonly nodeCount: number;
  /** Functions below this share of the sum of all are left out. */
  readonly nodeFraction: number;
}

/** Edges below this share do not make a function inlined: pprof's default of `-edgefraction`. */
const edgeFraction = 0.001;

/**
 * Flat and cumulative cost of functions as `go tool pprof -top` shows them: functions are told apart by name alone, inlined
 * ones count as functions, samples of value 0 do not count. By flat (or cumulative), then name. Unasked all functions with
 * any cost.
 *
 * @param total what shares are of, where samples were filtered out: of all.
 */
export function topFunctions(profile: Profile, options: Partial<TopOptions> = {}, total?: Totals): FunctionCosts {
  const { sampleType = profile.defaultSampleType, sort = 'flat', nodeCount = 0, nodeFraction = 0 } = options;
  const { type = '', unit = '' } = profile.sampleTypes[sampleType] ?? {};
  const frames = framesByName(profile);
  const { flat, cumulative } = addUp(profile, frames, sampleType);
  const nodes = frames.names.flatMap((_, node) => (flat[node] === 0 && cumulative[node] === 0 ? [] : [node]));
  const flatSum = flat.reduce((sum, value) => sum + value, 0);
  const cutoff = Math.abs(Math.trunc(flatSum * nodeFraction));
  const often = nodes.filter((node) => sizeOf(cumulative, node) >= cutoff);
  const [first, last] = sort === 'flat' ? [flat, cumulative] : [cumulative, flat];
  const sorted = often.toSorted(
    (one, other) =>
      sizeOf(first, other) - sizeOf(first, one) ||
      byText(frames.names[one] ?? '', frames.names[other] ?? '') ||
      sizeOf(last, other) - sizeOf(last, one),
  );
  const taken = nodeCount > 0 ? sorted.slice(0, nodeCount) : sorted;
  const edgeCutoff = Math.abs(Math.trunc(flatSum * edgeFraction));
  const inlined = inlining(profile, frames, sampleType, taken, edgeCutoff);
  return {
    type,
    unit,
    ...(total ?? totalsOf(profile, sampleType)),
    functions: taken.map((node) => ({
      function: frames.names[node] ?? '',
      flat: flat[node] ?? 0,
      cumulative: cumulative[node] ?? 0,
      ...inlined.get(node),
    })),
    dropped: nodes.length - often.length,
    listed: sorted.length,
  };
}

type Totals = Pick<FunctionCosts, 'total' | 'sum'>;

/** What shares are of: it is taken before samples are filtered out. */
export function totalsOf({ sampleTypes, samples }: Profile, sampleType: number): Totals {
  let total = 0;
  let baseTotal = 0;
  let sum = 0;
  for (let sample = 0; sample < samples.count; sample++) {
    const value = samples.values[sample * sampleTypes.length + sampleType] ?? 0;
    sum += value;
    total += Math.abs(value);
    if (isOfBase(samples.labels[sample] ?? [])) baseTotal += Math.abs(value);
  }
  return { total: baseTotal > 0 ? baseTotal : total, sum };
}

const isOfBase = (labels: readonly ProfileLabel[]): boolean =>
  labels.some(({ key, value }) => key === baseLabel.key && value === baseLabel.value);

interface Costs {
  /** By number of the function. */
  readonly flat: Float64Array;
  readonly cumulative: Float64Array;
}

function addUp({ samples, sampleTypes }: Profile, { names, framesOf }: Frames, sampleType: number): Costs {
  const flat = new Float64Array(names.length);
  const cumulative = new Float64Array(names.length);
  const lastSample = new Int32Array(names.length).fill(-1);
  for (let sample = 0; sample < samples.count; sample++) {
    const value = samples.values[sample * sampleTypes.length + sampleType] ?? 0;
    if (value === 0) continue;
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
  return { flat, cumulative };
}

/** Calls of one function by another. */
interface Edge {
  weight: number;
  /** Whether all of them were inlined. */
  inline: boolean;
  lastSample: number;
}

/**
 * Which functions were put into their callers. Between two functions that are shown those that are not are left out; a call
 * counts once per sample, as its first one from the root on; calls of less weight than the cutoff do not count.
 */
function inlining(
  { samples, sampleTypes }: Profile,
  { names, framesOf }: Frames,
  sampleType: number,
  shown: readonly number[],
  cutoff: number,
): ReadonlyMap<number, Pick<FunctionCost, 'inlined'>> {
  const rankOf = new Int32Array(names.length).fill(-1);
  for (const [rank, node] of shown.entries()) rankOf[node] = rank;
  /** By `callee * count + caller`. */
  const edges = new Map<number, Edge>();
  for (let sample = 0; sample < samples.count; sample++) {
    const value = samples.values[sample * sampleTypes.length + sampleType] ?? 0;
    if (value === 0) continue;
    let caller = -1;
    const start = samples.stackStart[sample] ?? 0;
    for (let position = (samples.stackStart[sample + 1] ?? 0) - 1; position >= start; position--) {
      const frames = framesOf[samples.stack[position] ?? 0] ?? [];
      for (let line = frames.length - 1; line >= 0; line--) {
        const callee = rankOf[frames[line] ?? 0] ?? -1;
        if (callee === -1) continue;
        if (caller !== -1 && caller !== callee)
          addCall(edges, callee * shown.length + caller, sample, value, line !== frames.length - 1);
        caller = callee;
      }
    }
  }
  const kinds = new Map<number, { inlined?: 'all' | 'some' }>();
  const callees = new Map<number, Set<boolean>>();
  for (const [key, { weight, inline }] of edges) {
    if (Math.abs(weight) < cutoff) continue;
    const callee = Math.floor(key / shown.length);
    callees.set(callee, (callees.get(callee) ?? new Set()).add(inline));
  }
  for (const [rank, seen] of callees)
    if (seen.has(true)) kinds.set(shown[rank] ?? 0, { inlined: seen.has(false) ? 'some' : 'all' });
  return kinds;
}

function addCall(edges: Map<number, Edge>, key: number, sample: number, value: number, inline: boolean): void {
  const known = edges.get(key);
  if (known === undefined) edges.set(key, { weight: value, inline, lastSample: sample });
  else if (known.lastSample !== sample) {
    known.weight += value;
    known.inline &&= inline;
    known.lastSample = sample;
  }
}

const sizeOf = (values: Float64Array, node: number): number => Math.abs(values[node] ?? 0);

const byText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
