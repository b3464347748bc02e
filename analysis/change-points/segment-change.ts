import { betaProbability } from '../statistics/beta-probability.ts';
import { pairwiseSum } from '../statistics/pairwise-sum.ts';

/** How a series changes from one segment to the next. */
export interface SegmentChange {
  readonly meanBefore: number;
  readonly meanAfter: number;
  /** Two-sided; NaN where both segments are constant and equal, which passes for no evidence in every comparison. */
  readonly pValue: number;
}

/**
 * Student's t test of two neighbouring segments as Apache Otava 0.8 makes it: pooled variance, but of the population
 * (divisor n where the test wants n − 1). That makes p too small for short segments (of five against five about half);
 * it is kept because the points are to be the same.
 *
 * @param change index of the first value after the change; `start` < `change` < `end`
 */
export function segmentChange(series: ArrayLike<number>, start: number, change: number, end: number): SegmentChange {
  const before = populationOf(series, start, change);
  const after = populationOf(series, change, end);
  return { meanBefore: before.mean, meanAfter: after.mean, pValue: studentP(before, after) };
}

/** The larger of both relative changes, there and back, so that a halving counts as much as a doubling. */
export function changeMagnitude({ meanBefore, meanAfter }: SegmentChange): number {
  const forward = meanBefore === 0 ? 0 : meanAfter / meanBefore - 1;
  const backward = meanAfter === 0 ? 0 : meanBefore / meanAfter - 1;
  return Math.max(Math.abs(forward), Math.abs(backward));
}

interface Population {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

function populationOf(series: ArrayLike<number>, start: number, end: number): Population {
  const count = end - start;
  const mean = pairwiseSum(series, start, end) / count;
  if (count < 2) return { count, mean, variance: 0 };
  const squares = Float64Array.from({ length: count }, (_, at) => ((series[start + at] ?? 0) - mean) ** 2);
  return { count, mean, variance: Math.sqrt(pairwiseSum(squares) / count) ** 2 };
}

function studentP(before: Population, after: Population): number {
  const degrees = before.count + after.count - 2;
  if (degrees === 0) return 1;
  const pooled = ((before.count - 1) * before.variance + (after.count - 1) * after.variance) / degrees;
  const t = (before.mean - after.mean) / Math.sqrt(pooled * (1 / before.count + 1 / after.count));
  if (Number.isNaN(t)) return t;
  if (!Number.isFinite(t)) return 0;
  // P(|T| ≥ t) = I_x(ν / 2, 1 / 2) with x = ν / (ν + t²): Abramowitz and Stegun, 26.7.1 and 26.5.27.
  const all = degrees + t ** 2;
  return betaProbability(degrees / all, degrees / 2, 1 / 2, t ** 2 / all);
}
