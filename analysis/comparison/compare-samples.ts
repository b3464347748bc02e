import { type MetricComparison, compareFamily } from './compare-family.ts';
import type { Direction } from './judge-change.ts';

/** Values of one metric, one for each run, none below 0. */
export interface MetricSamples {
  readonly name: string;
  readonly base: readonly number[];
  readonly candidate: readonly number[];
}

/** A change of less than this fraction does not matter. */
export const practicalThreshold = 0.05;

/** Plain numbers, of which nothing is known but which way is better. */
export function compareSamples(metrics: readonly MetricSamples[], direction: Direction): readonly MetricComparison[] {
  return compareFamily(
    metrics.map((metric) => ({ ...metric, unit: null, direction, practicalThreshold, paired: false, counts: null })),
  );
}
