import jstat from 'jstat';

/**
 * Quantile of the standard normal distribution: the x with P(Z ≤ x) = probability.
 * Tested against SciPy (fixtures/reference/quantiles-of-distributions.json).
 *
 * @throws RangeError unless 0 < probability < 1.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`probability ${probability} is not between 0 and 1`);
  return jstat.jStat.normal.inv(probability, 0, 1);
}
