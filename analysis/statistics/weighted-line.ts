import { normalQuantile } from './normal-quantile.ts';
import { studentTQuantile } from './student-t.ts';

export interface WeightedPoint {
  readonly x: number;
  readonly y: number;
  /** Standard error of y. */
  readonly error: number;
}

export interface WeightedLine {
  /** Where the line passes whatever its slope: the weighted means. */
  readonly meanX: number;
  readonly meanY: number;
  readonly slope: number;
  readonly slopeLow: number;
  readonly slopeHigh: number;
}

/**
 * Straight line through points of known errors by weighted least squares, with the interval of its slope. Where the points
 * scatter more than their errors explain (another shape, or errors that were told too small), the interval is widened by
 * √(χ² / (n − 2)) and is Student's; never narrowed.
 *
 * Source of the widening: Particle Data Group, "Review of Particle Physics", introduction, 5.2.2. Tested against closed
 * answers and by its coverage.
 *
 * @returns null for fewer than three points, for an error of 0, or where all x are alike
 */
export function weightedLine(points: readonly WeightedPoint[], confidence: number): WeightedLine | null {
  if (points.length < 3 || points.some(({ error }) => !(error > 0))) return null;
  const weightOf = ({ error }: WeightedPoint): number => error ** -2;
  const sum = (of: (point: WeightedPoint) => number): number =>
    points.reduce((total, point) => total + weightOf(point) * of(point), 0);
  const total = sum(() => 1);
  const meanX = sum(({ x }) => x) / total;
  const meanY = sum(({ y }) => y) / total;
  const spread = sum(({ x }) => (x - meanX) ** 2);
  if (!(spread > 0)) return null;
  const slope = sum(({ x, y }) => (x - meanX) * (y - meanY)) / spread;
  const excess = sum(({ x, y }) => (y - meanY - slope * (x - meanX)) ** 2) / (points.length - 2);
  const probability = (1 + confidence) / 2;
  const critical =
    excess > 1 ? studentTQuantile(probability, points.length - 2) * Math.sqrt(excess) : normalQuantile(probability);
  const half = critical / Math.sqrt(spread);
  return { meanX, meanY, slope, slopeLow: slope - half, slopeHigh: slope + half };
}
