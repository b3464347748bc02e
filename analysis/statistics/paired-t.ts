import { momentsOf } from './moments.ts';
import { studentTProbability, studentTQuantile } from './student-t.ts';

/**
 * Two-sided p of Student's paired test: whether the mean of the differences is 0. For ratios give their logarithms. The
 * differences are taken as normal; what the members of a pair have in common (the hour, the machine's mood) drops out.
 *
 * Tested against SciPy's `ttest_1samp`.
 *
 * @throws RangeError for fewer than two differences
 */
export function pairedT(differences: readonly number[]): number {
  if (differences.length < 2) throw new RangeError('one pair says nothing of how much pairs differ');
  const { mean, variance } = momentsOf(differences);
  if (variance === 0) return mean === 0 ? 1 : 0;
  const t = Math.abs(mean) / Math.sqrt(variance / differences.length);
  return Math.min(1, 2 * (1 - studentTProbability(t, differences.length - 1)));
}

const power = 0.8;

/**
 * The smallest change, as a fraction, that the paired test of as many pairs as these would find in 80 of 100 repetitions, if
 * pairs scatter as much as these do: (t(1 − α/2) + t(0.8)) standard errors of the mean log ratio, an approximation of the
 * noncentral t that is off by less than a tenth from five pairs on.
 *
 * @param logRatios one for each pair
 */
export function pairedDetectableEffect(logRatios: readonly number[], alpha: number): number | null {
  if (logRatios.length < 2) return null;
  const freedom = logRatios.length - 1;
  const standardError = Math.sqrt(momentsOf(logRatios).variance / logRatios.length);
  return Math.expm1((studentTQuantile(1 - alpha / 2, freedom) + studentTQuantile(power, freedom)) * standardError);
}
