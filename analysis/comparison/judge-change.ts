import { exceedsThreshold } from './exceeds-threshold.ts';

/** Which way a metric is better. */
export type Direction = 'lower' | 'higher';

/** What a change is told as: candidate / base, or candidate − base. */
export type Effect = 'ratio' | 'difference';

export const comparisonVerdicts = ['same', 'better', 'worse', 'inconclusive'] as const;
export type ComparisonVerdict = (typeof comparisonVerdicts)[number];

/** Why a verdict is what it is: docs/compare.md. */
export const comparisonReasons = [
  'too-few-runs',
  'significant',
  'not-significant',
  'beyond-threshold',
  'below-threshold',
  'within-threshold',
  'threshold-open',
  'ratio-unknown',
] as const;
export type ComparisonReason = (typeof comparisonReasons)[number];

/** Level of the whole family of metrics. */
export const alpha = 0.05;
/** With fewer runs in an arm nothing is decided. */
export const leastRuns = 4;

export interface SeenChange {
  readonly effect: Effect;
  /** Of the smaller arm. */
  readonly runs: number;
  readonly change: { readonly estimate: number; readonly low: number; readonly high: number } | null;
  /** After Holm. */
  readonly p: number | null;
  readonly practicalThreshold: number;
  readonly direction: Direction;
}

/**
 * - *worse* and *better*: Holm's p over all metrics is at most `alpha` and the change is at least the threshold.
 * - *same*: its whole interval lies within the threshold, whether or not a difference was found.
 * - *inconclusive*: all else. That no difference was found does not make two things the same.
 */
export function judgeChange(seen: SeenChange): {
  readonly verdict: ComparisonVerdict;
  readonly reasons: readonly ComparisonReason[];
} {
  const { effect, runs, change, p, practicalThreshold, direction } = seen;
  if (runs < leastRuns || change === null || p === null) return { verdict: 'inconclusive', reasons: ['too-few-runs'] };
  const exceeds = (value: number): boolean =>
    effect === 'ratio' ? exceedsThreshold(value, practicalThreshold) : Math.abs(value) >= practicalThreshold;
  const significance = p <= alpha ? 'significant' : 'not-significant';
  const { estimate, low, high } = change;
  if (!exceeds(low) && !exceeds(high)) return { verdict: 'same', reasons: [significance, 'within-threshold'] };
  if (p > alpha) return { verdict: 'inconclusive', reasons: [significance, 'threshold-open'] };
  if (Number.isNaN(estimate)) return { verdict: 'inconclusive', reasons: [significance, 'ratio-unknown'] };
  if (!exceeds(estimate))
    return { verdict: 'inconclusive', reasons: [significance, 'below-threshold', 'threshold-open'] };
  const isBetter = estimate < (effect === 'ratio' ? 1 : 0) === (direction === 'lower');
  return { verdict: isBetter ? 'better' : 'worse', reasons: [significance, 'beyond-threshold'] };
}

/** One word for all: worse if any is, else inconclusive if any is, else better if any is. */
export function overallVerdict(verdicts: readonly ComparisonVerdict[]): ComparisonVerdict {
  const order = ['worse', 'inconclusive', 'better', 'same'] as const;
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'inconclusive';
}
