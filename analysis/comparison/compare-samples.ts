import { holm } from '../statistics/holm.ts';
import { mannWhitney } from '../statistics/mann-whitney.ts';
import { minimumDetectableEffect } from '../statistics/minimum-detectable-effect.ts';
import { quantile } from '../statistics/quantile.ts';
import { type UnpairedRatio, unpairedRatio } from '../statistics/unpaired-ratio.ts';
import { exceedsThreshold } from './exceeds-threshold.ts';

/** Which way a metric is better. */
export type Direction = 'lower' | 'higher';

/** Values of one metric, one for each run, none below 0. */
export interface MetricSamples {
  readonly name: string;
  readonly base: readonly number[];
  readonly candidate: readonly number[];
}

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

export interface MetricComparison {
  readonly name: string;
  /** Not known of plain numbers. */
  readonly unit: string | null;
  readonly direction: Direction;
  readonly base: Arm;
  readonly candidate: Arm;
  readonly ratio: UnpairedRatio | null;
  readonly pValue: number | null;
  readonly adjustedPValue: number | null;
  readonly minimumDetectableEffect: number | null;
  readonly practicalThreshold: number;
  readonly verdict: ComparisonVerdict;
  readonly reasons: readonly ComparisonReason[];
  readonly method: string | null;
}

export interface Arm {
  readonly median: number | null;
  readonly runs: number;
}

/** Level of the whole family of metrics. */
export const alpha = 0.05;
/** A change of less than this fraction does not matter. */
export const practicalThreshold = 0.05;
/** With fewer runs in an arm nothing is decided. */
const leastRuns = 4;

/**
 * Same, better, worse or inconclusive, metric by metric; the run is the unit.
 *
 * - *worse* and *better*: Holm's p over all metrics is at most `alpha` and the ratio is at least the threshold away from 1.
 * - *same*: the ratio's whole interval lies within the threshold, whether or not a difference was found.
 * - *inconclusive*: all else. That no difference was found does not make two things the same.
 */
export function compareSamples(metrics: readonly MetricSamples[], direction: Direction): readonly MetricComparison[] {
  const tests = metrics.map(({ base, candidate }) =>
    base.length === 0 || candidate.length === 0 ? null : mannWhitney(base, candidate),
  );
  const known = tests.flatMap((test) => (test === null ? [] : [test.pValue]));
  const adjusted = holm(known).values();
  return metrics.map(({ name, base, candidate }, index) => {
    const test = tests[index] ?? null;
    const adjustedPValue = test === null ? null : (adjusted.next().value ?? null);
    const ratio = test === null ? null : unpairedRatio(base, candidate, 1 - alpha);
    const runs = Math.min(base.length, candidate.length);
    return {
      name,
      unit: null,
      direction,
      base: { median: quantile(base, 0.5), runs: base.length },
      candidate: { median: quantile(candidate, 0.5), runs: candidate.length },
      ratio,
      pValue: test?.pValue ?? null,
      adjustedPValue,
      // The hardest step of Holm's: what would be found whatever the other metrics say.
      minimumDetectableEffect: minimumDetectableEffect(base, candidate, alpha / known.length),
      practicalThreshold,
      ...judge(runs, ratio, adjustedPValue, direction),
      method: test === null ? null : `Mann–Whitney, ${test.method}; Holm over ${known.length}`,
    };
  });
}

type Judgement = Pick<MetricComparison, 'verdict' | 'reasons'>;

function judge(runs: number, ratio: UnpairedRatio | null, p: number | null, direction: Direction): Judgement {
  if (runs < leastRuns || ratio === null || p === null) return { verdict: 'inconclusive', reasons: ['too-few-runs'] };
  const significance = p <= alpha ? 'significant' : 'not-significant';
  const { estimate, low, high } = ratio;
  if (!exceedsThreshold(low, practicalThreshold) && !exceedsThreshold(high, practicalThreshold))
    return { verdict: 'same', reasons: [significance, 'within-threshold'] };
  if (p > alpha) return { verdict: 'inconclusive', reasons: [significance, 'threshold-open'] };
  if (Number.isNaN(estimate)) return { verdict: 'inconclusive', reasons: [significance, 'ratio-unknown'] };
  if (!exceedsThreshold(estimate, practicalThreshold))
    return { verdict: 'inconclusive', reasons: [significance, 'below-threshold', 'threshold-open'] };
  const isBetter = estimate < 1 === (direction === 'lower');
  return { verdict: isBetter ? 'better' : 'worse', reasons: [significance, 'beyond-threshold'] };
}

/** One word for all: worse if any is, else inconclusive if any is, else better if any is. */
export function overallVerdict(verdicts: readonly ComparisonVerdict[]): ComparisonVerdict {
  const order = ['worse', 'inconclusive', 'better', 'same'] as const;
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'inconclusive';
}
