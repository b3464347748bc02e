import type { Estimate } from '../../model/finding.ts';
import { momentsOf } from './moments.ts';
import { studentTQuantile } from './student-t.ts';

/**
 * How many times as large a quantity is with something as without it, from pairs that differ in nothing else: the
 * geometric mean of the pairs' ratios, with Student's t interval (n − 1 degrees of freedom) on their logarithms, on which
 * a doubling and a halving cancel. What differs from pair to pair (load, time of day) drops out.
 *
 * Tested against SciPy's `ttest_1samp(log(ratios), 0).confidence_interval` (fixtures/reference/paired-ratio.json).
 *
 * @throws RangeError for fewer than two pairs, and for a ratio that is not a number above 0.
 */
export function pairedRatio(ratios: readonly number[], confidence: number, of = 'pairs'): Estimate {
  if (ratios.length < 2) throw new RangeError('one pair says nothing of how much pairs differ');
  if (!ratios.every((ratio) => ratio > 0 && Number.isFinite(ratio)))
    throw new RangeError(`not all of ${ratios.join(', ')} are numbers above 0`);
  const { mean, variance } = momentsOf(ratios.map(Math.log));
  const half = studentTQuantile((1 + confidence) / 2, ratios.length - 1) * Math.sqrt(variance / ratios.length);
  return {
    estimate: Math.exp(mean),
    low: Math.exp(mean - half),
    high: Math.exp(mean + half),
    confidence,
    method: `Student's t on the log ratios of ${ratios.length} ${of}`,
  };
}
