import { betaQuantile } from './beta-quantile.ts';

/**
 * Quantile of Fisher's F distribution, from that of the beta distribution: if X is beta(d1 / 2, d2 / 2), then
 * F = d2 X / (d1 (1 − X)). Abramowitz and Stegun, 26.6.2. Tested to 1e-8 against SciPy (fixtures/reference/f-quantile.json).
 *
 * @throws RangeError unless 0 < probability < 1 and both degrees of freedom are above 0.
 */
export function fQuantile(probability: number, degrees: number, residualDegrees: number): number {
  if (!(degrees > 0 && residualDegrees > 0))
    throw new RangeError(`F(${degrees}, ${residualDegrees}) is no distribution`);
  const { value, above } = betaQuantile(probability, degrees / 2, residualDegrees / 2);
  return (residualDegrees * value) / (degrees * above);
}
