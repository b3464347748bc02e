/**
 * Quantile of a list of numbers, by Hyndman and Fan's definition 7: linear between the order statistics, the sample's
 * ends being the quantiles 0 and 1. It is what R's `quantile` and NumPy's `quantile` give by default. Meant for small
 * lists of readings, such as a gauge's; latencies have their own, histogram-shaped quantile (type 1).
 *
 * Source: Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996).
 *
 * @returns null for an empty list.
 * @throws RangeError unless 0 ≤ probability ≤ 1.
 */
export function quantile(values: readonly number[], probability: number): number | null {
  if (!(probability >= 0 && probability <= 1)) throw new RangeError(`probability ${probability} is not in 0 to 1`);
  const sorted = values.toSorted((left, right) => left - right);
  const position = (sorted.length - 1) * probability;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (position - Math.floor(position));
}
