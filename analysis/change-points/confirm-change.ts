import { exceedsThreshold } from '../comparison/exceeds-threshold.ts';
import { mannWhitney } from '../statistics/mann-whitney.ts';
import { momentsOf } from '../statistics/moments.ts';

/** What else says that a change point is one; it never adds or removes a point. */
export type Confirmation = 'mann-whitney' | 'practical-threshold';

/**
 * @param before values of the segment before the point, gaps left out
 * @param after those of the segment after it
 */
export function confirmChange(
  before: readonly number[],
  after: readonly number[],
  alpha: number,
  threshold: number,
): readonly Confirmation[] {
  if (before.length === 0 || after.length === 0) return [];
  const { mean } = momentsOf(before);
  const ratio = mean === 0 ? null : momentsOf(after).mean / mean;
  return [
    ...(mannWhitney(before, after).pValue <= alpha ? (['mann-whitney'] as const) : []),
    ...(ratio !== null && exceedsThreshold(ratio, threshold) ? (['practical-threshold'] as const) : []),
  ];
}
