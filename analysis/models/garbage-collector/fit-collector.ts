import { eventsIn, inSeconds, milliseconds, perSecond } from '../../../model/units.ts';
import { type LinearTerm, boundedLinearLeastSquares } from '../../statistics/bounded-linear-least-squares.ts';
import { studentTQuantile } from '../../statistics/student-t.ts';
import { backgroundShare, cycleCost } from './collector-cell.ts';
import type { CollectorModel, CycleCost } from './collector-model.ts';
import type { CollectorObservation } from './collector-observation.ts';
import { heapGoal } from './heap-goal.ts';
import { fitHeapUse } from './heap-use.ts';

/** Which terms the observations can tell apart; decided once, and kept for every resample. */
export interface CollectorShape {
  /** Mark cost per scanned byte: only where scanned bytes differ by a factor of two and more. */
  readonly costPerByte: boolean;
  readonly costPerRate: boolean;
  readonly floating: boolean;
  readonly nonHeapPerGoal: boolean;
  /** Memory per byte of heap: only where the heaps differ enough; else it is taken to be 1. */
  readonly peakPerHeap: boolean;
}

/** Which terms these observations can tell apart. */
export function shapeFor(observations: readonly CollectorObservation[]): CollectorShape {
  const scanned = observations.map(reachableOf);
  const costs = knownCosts(observations);
  const costPerByte = costs !== null && Math.max(...scanned) >= separableRatio * Math.min(...scanned);
  const rates = observations.map(({ requestsPerSecond }) => requestsPerSecond);
  const costPerRate = costs !== null && !costPerByte && isSloped(costs, rates);
  const cost = fitCost(observations, rates, { costPerByte, costPerRate });
  const heaps = observations.map(peakHeapOf);
  const nonHeap = allKnown(observations.map(({ nonHeapBytes }) => nonHeapBytes));
  return {
    costPerByte,
    costPerRate,
    floating: cost !== null && cost !== undefined && tellsFloating(observations, cost),
    nonHeapPerGoal:
      nonHeap !== null &&
      isSloped(
        nonHeap,
        observations.map(({ heapGoalBytes }) => heapGoalBytes),
      ),
    peakPerHeap: Math.max(...heaps) >= separableHeaps * Math.min(...heaps),
  };
}

/**
 * Least squares of relative deviations, each part by itself: what is allocated by the load; live heap by the load and by what
 * is allocated while marking; the share of the room that is used; what a collection costs; and the memory around the heap.
 *
 * @returns null where the observations don't determine a part, such as all at one load
 */
export function fitCollector(
  observations: readonly CollectorObservation[],
  shape: CollectorShape,
): CollectorModel | null {
  const rates = observations.map(({ requestsPerSecond }) => requestsPerSecond);
  const allocation = fitLine(
    observations.map(({ allocatedPerSecond }) => allocatedPerSecond),
    [constant(observations), above(rates)],
  );
  const cost = fitCost(observations, rates, shape);
  if (cost === undefined) return null;
  const liveHeap = fitLiveHeap(observations, rates, shape, cost);
  const roots = fitLine(
    observations.map(({ rootsBytes }) => rootsBytes),
    [constant(observations), above(rates)],
  );
  if (allocation === null || liveHeap === null || roots === null) return null;
  const [base = 0, perRequest = 0] = allocation;
  return {
    allocation: { base, perRequest },
    liveHeap,
    roots: { base: roots[0] ?? 0, perRate: roots[1] ?? 0 },
    use: fitUse(observations, cost),
    cost,
    ...fitMemory(observations, shape),
  };
}

function fitLiveHeap(
  observations: readonly CollectorObservation[],
  rates: readonly number[],
  { floating }: CollectorShape,
  cost: CycleCost | null,
): CollectorModel['liveHeap'] | null {
  const coefficients = fitLine(
    observations.map(({ liveHeap }) => liveHeap.mean),
    [
      constant(observations),
      above(rates),
      ...(floating && cost !== null
        ? [{ values: observations.map((each) => whileMarkingOf(each, cost)), lower: 0, upper: 1 }]
        : []),
    ],
  );
  if (coefficients === null) return null;
  const [base = 0, perRate = 0, share = null] = coefficients;
  const spread = meanOf(observations.map(({ liveHeap }) => liveHeap.p95 / liveHeap.mean));
  return { base, perRate, floating: share, spread };
}

function fitUse(observations: readonly CollectorObservation[], cost: CycleCost | null): CollectorModel['use'] {
  const shares = observations.map(usedShareOf);
  if (cost === null) return { kind: 'constant', share: meanOf(shares) };
  return fitHeapUse(
    shares,
    observations.map((each) => whileMarkingOf(each, cost) / roomOf(each)),
  );
}

/** Undefined where the cost is known and can't be fitted. */
function fitCost(
  observations: readonly CollectorObservation[],
  rates: readonly number[],
  { costPerByte, costPerRate }: Pick<CollectorShape, 'costPerByte' | 'costPerRate'>,
): CollectorModel['cost'] | undefined {
  const costs = knownCosts(observations);
  if (costs === null) return null;
  const scanned = observations.map(reachableOf);
  const coefficients = fitLine(costs, [
    constant(observations),
    ...(costPerByte ? [above(scanned)] : []),
    ...(costPerRate ? [either(rates)] : []),
  ]);
  if (coefficients === null) return undefined;
  const [base = 0, slope = 0] = coefficients;
  const scannedShare = meanOf(observations.map((each) => reachableOf(each) / (each.liveHeap.mean + each.rootsBytes)));
  return { base, perRate: costPerRate ? slope : 0, perByte: costPerByte ? slope : 0, scannedShare };
}

function fitMemory(
  observations: readonly CollectorObservation[],
  { nonHeapPerGoal, peakPerHeap }: CollectorShape,
): Pick<CollectorModel, 'nonHeap' | 'peak'> {
  const rest = allKnown(observations.map(({ nonHeapBytes }) => nonHeapBytes));
  const nonHeap =
    rest === null
      ? null
      : fitLine(rest, [
          constant(observations),
          ...(nonHeapPerGoal ? [above(observations.map(({ heapGoalBytes }) => heapGoalBytes))] : []),
        ]);
  // A limit holds memory down: what it would have been without is seen in the other observations.
  const free = observations.filter((each) => regimeOf(each) !== 'limit');
  const seen = free.length >= fewestForPeak ? free : observations;
  const peaks = allKnown(seen.map(({ peakRuntimeBytes }) => peakRuntimeBytes));
  const heaps = seen.map(peakHeapOf);
  const peak =
    peaks === null
      ? null
      : peakPerHeap
        ? fitLine(peaks, [constant(seen), { values: heaps, lower: 1, upper: Infinity }])
        : [Math.max(0, meanOf(peaks.map((value, index) => value - (heaps[index] ?? 0)))), 1];
  return {
    nonHeap: nonHeap === null ? null : { base: nonHeap[0] ?? 0, perGoal: nonHeap[1] ?? 0 },
    peak: peak === null ? null : { base: peak[0] ?? 0, perHeap: peak[1] ?? 0 },
  };
}

const constant = (observations: readonly unknown[]): LinearTerm => above(observations.map(() => 1));
const above = (values: readonly number[]): LinearTerm => ({ values, lower: 0, upper: Infinity });
const either = (values: readonly number[]): LinearTerm => ({ values, lower: -Infinity, upper: Infinity });

/** By relative deviations: a stage of ten times the load does not count a hundred times as much. */
function fitLine(observed: readonly number[], terms: readonly LinearTerm[]): readonly number[] | null {
  const typical = meanOf(observed.map(Math.abs));
  const weights = observed.map((value) => (typical === 0 ? 1 : 1 / Math.max(Math.abs(value), typical * leastPart)));
  return boundedLinearLeastSquares(observed, terms, weights)?.coefficients ?? null;
}

/** Whether a straight line explains more than a constant, by its slope's t at 95 %. */
function isSloped(observed: readonly number[], over: readonly number[]): boolean {
  const free = observed.length - 2;
  if (free < fewestFree) return false;
  const weights = observed.map((value) => 1 / Math.abs(value));
  const flat = boundedLinearLeastSquares(observed, [either(over.map(() => 1))], weights);
  const sloped = boundedLinearLeastSquares(observed, [either(over.map(() => 1)), either(over)], weights);
  if (flat === null || sloped === null || flat.sumOfSquares < rounding) return false;
  const explained = flat.sumOfSquares - sloped.sumOfSquares;
  return explained > (studentTQuantile(0.975, free) ** 2 * sloped.sumOfSquares) / free;
}

/** Floating garbage grows with the load, as `perRate` does: the two are told apart where it does not grow in proportion. */
function tellsFloating(observations: readonly CollectorObservation[], cost: CycleCost): boolean {
  if (observations.length < fewestForFloating) return false;
  const floating = observations.map((each) => whileMarkingOf(each, cost));
  const weights = observations.map(({ liveHeap }) => 1 / liveHeap.mean);
  const rates = observations.map(({ requestsPerSecond }) => requestsPerSecond);
  const along = boundedLinearLeastSquares(floating, [either(rates.map(() => 1)), either(rates)], weights);
  const whole = floating.reduce((sum, value, index) => sum + (value * (weights[index] ?? 0)) ** 2, 0);
  return along !== null && along.sumOfSquares > separableShare * whole;
}

function allKnown(values: readonly (number | null)[]): readonly number[] | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? known : null;
}

const knownCosts = (observations: readonly CollectorObservation[]): readonly number[] | null =>
  allKnown(observations.map(({ cpuMsPerCycle }) => cpuMsPerCycle));

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What a collection has to scan; all of the live heap and the roots where pointer-free memory is not known. */
const reachableOf = ({ scannedBytes, liveHeap, rootsBytes }: CollectorObservation): number =>
  scannedBytes ?? liveHeap.mean + rootsBytes;

/** Bytes that are allocated while a collection of the fitted cost marks on a quarter of the processors. */
function whileMarkingOf(each: CollectorObservation, cost: CycleCost): number {
  const { allocatedPerSecond, settings, liveHeap, rootsBytes, requestsPerSecond } = each;
  const markMs =
    cycleCost(cost, liveHeap.mean + rootsBytes, requestsPerSecond) / (backgroundShare * settings.processors);
  return eventsIn(perSecond(allocatedPerSecond), milliseconds(markMs));
}

const roomOf = ({ heapGoalBytes, liveHeap }: CollectorObservation): number => heapGoalBytes - liveHeap.mean;

/** Share of goal − live heap that is allocated from one collection to the next. */
export const usedShareOf = (each: CollectorObservation): number =>
  each.allocatedPerSecond / (each.cyclesPerSecond * roomOf(each));

function stateOf(each: CollectorObservation, liveHeap: number): Parameters<typeof heapGoal>[0] {
  return { liveHeap, roots: each.rootsBytes, nonHeap: each.nonHeapBytes ?? 0 };
}

export const regimeOf = (each: CollectorObservation): ReturnType<typeof heapGoal>['regime'] =>
  heapGoal(stateOf(each, each.liveHeap.mean), each.settings).regime;

/** The heap at the end of a cycle, of a live heap that is seldom exceeded. */
function peakHeapOf(each: CollectorObservation): number {
  const { p95 } = each.liveHeap;
  return p95 + usedShareOf(each) * (heapGoal(stateOf(each, p95), each.settings).bytes - p95);
}

/** CPU of all processors that collections took, without idle marking. */
export const gcCpuShareOf = ({ cyclesPerSecond, cpuMsPerCycle, settings }: CollectorObservation): number | null =>
  cpuMsPerCycle === null ? null : (cyclesPerSecond * inSeconds(cpuMsPerCycle)) / settings.processors;

/** Scanned bytes, and heaps, that differ by less say nothing of a slope. */
const separableRatio = 2;
const separableHeaps = 1.3;
/** Least part of the floating garbage, squared, that is not along the load. */
const separableShare = 0.01;
/** Relative deviations, squared: nothing is left to explain. */
const rounding = 1e-18;
const fewestFree = 3;
const fewestForFloating = 6;
const fewestForPeak = 2;
/** An observation near 0 would else count infinitely much. */
const leastPart = 0.05;
