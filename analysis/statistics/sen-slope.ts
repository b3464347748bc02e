import { normalQuantile } from './normal-quantile.ts';

export interface SenSlope {
  /** Change of y per unit of x: the median of the slopes between all pairs of points. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** The normal stands for Kendall's distribution from about here on. */
const fewest = 8;

/**
 * Theil–Sen slope with Sen's interval: the slopes between all pairs, sorted, of which those ranks are taken that Kendall's
 * statistic leaves in by chance. Neither needs the scatter to be normal, and up to 29 % of the points may be anywhere.
 *
 * Source: Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968). Tested against closed
 * answers and by its coverage.
 *
 * @returns null for fewer than eight points, or where all x are alike
 */
export function senSlope(points: readonly (readonly [x: number, y: number])[], confidence: number): SenSlope | null {
  const count = points.length;
  if (count < fewest) return null;
  const slopes: number[] = [];
  for (const [index, [x, y]] of points.entries())
    for (const [otherX, otherY] of points.slice(index + 1)) if (otherX !== x) slopes.push((otherY - y) / (otherX - x));
  if (slopes.length === 0) return null;
  const sorted = slopes.toSorted((one, other) => one - other);
  const spread = normalQuantile((1 + confidence) / 2) * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const at = (rank: number): number => sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? Number.NaN;
  return {
    slope: (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2,
    low: at(Math.floor((sorted.length - spread) / 2) - 1),
    high: at(Math.ceil((sorted.length + spread) / 2)),
  };
}
