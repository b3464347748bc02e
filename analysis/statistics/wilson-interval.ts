/**
 * Wilson's score interval for a proportion. It stays inside 0 to 1 and has a sensible upper end where nothing was hit,
 * which the interval of the textbooks (p ± z·s) has not. `trials` may be an effective number that is no integer.
 *
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 * Tested against SciPy's `binomtest(...).proportion_ci(method="wilson")` (fixtures/reference/wilson.json).
 *
 * @param proportion share of hits, 0 to 1
 * @param critical quantile of the normal, or of Student's t where the variance behind `trials` was itself estimated
 */
export function wilsonInterval(
  proportion: number,
  trials: number,
  critical: number,
): { readonly low: number; readonly high: number } {
  if (!(trials > 0)) return { low: 0, high: 1 };
  const square = critical ** 2;
  const scale = 1 + square / trials;
  const centre = (proportion + square / (2 * trials)) / scale;
  const half = (critical / scale) * Math.sqrt((proportion * (1 - proportion)) / trials + square / (4 * trials ** 2));
  // At 0 and 1 one end is the proportion itself; rounding must not move it.
  return {
    low: proportion === 0 ? 0 : Math.max(0, centre - half),
    high: proportion === 1 ? 1 : Math.min(1, centre + half),
  };
}
