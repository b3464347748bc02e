import { momentsOf } from '../statistics/moments.ts';

/**
 * The lag-1 correlation of neighbouring values, where there is more of it than chance would give; else null. Each
 * segment between change points is taken from its own mean; gaps are left out. Change points are told from noise under the
 * assumption that values are independent: where they are not, false points become common.
 *
 * More than chance: above 1.645 / √n (one-sided 5 % of independent values; Box, Jenkins and Reinsel, Time Series Analysis,
 * 2.1.6), of at least 20 values. The segments' own means pull the correlation down, so that it is found late, not early.
 */
export function correlationOfNights(series: readonly (number | null)[], changes: readonly number[]): number | null {
  const bounds = [0, ...changes, series.length];
  const residuals = bounds.slice(1).flatMap((end, at) => {
    const values = series.slice(bounds[at], end).filter((value) => value !== null);
    if (values.length === 0) return [];
    const { mean } = momentsOf(values);
    return values.map((value) => value - mean);
  });
  if (residuals.length < leastValues) return null;
  const { lag1 } = momentsOf(residuals);
  return lag1 > oneSided / Math.sqrt(residuals.length) ? lag1 : null;
}

const leastValues = 20;
const oneSided = 1.645;
