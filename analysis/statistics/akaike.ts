/**
 * Akaike's criterion of a least-squares fit: n ln(S / n) + 2K, where K counts the parameters and the variance. Only
 * differences between fits of the same observations mean anything.
 *
 * Source: Burnham and Anderson, Model Selection and Multimodel Inference, 2002, 2.2.
 *
 * @param floor the least sum of squares that is more than rounding; fits below it are equally good
 */
export function aic(observations: number, parameters: number, sumOfSquares: number, floor: number): number {
  return observations * Math.log(Math.max(sumOfSquares, floor) / observations) + 2 * (parameters + 1);
}

/**
 * Akaike's criterion with the correction for small samples, 2K(K + 1) / (n − K − 1) more (same source, 2.4 and 7.7).
 *
 * @returns null where n ≤ K + 1: too few observations for so many parameters.
 */
export function aicc(observations: number, parameters: number, sumOfSquares: number, floor: number): number | null {
  const count = parameters + 1;
  if (observations <= count + 1) return null;
  const correction = (2 * count * (count + 1)) / (observations - count - 1);
  return aic(observations, parameters, sumOfSquares, floor) + correction;
}

/** Akaike weights: how much each fit is favoured among those compared; they add up to 1. */
export function akaikeWeights(criteria: readonly number[]): readonly number[] {
  const least = Math.min(...criteria);
  const odds = criteria.map((criterion) => Math.exp((least - criterion) / 2));
  const sum = odds.reduce((total, value) => total + value, 0);
  return odds.map((value) => value / sum);
}
