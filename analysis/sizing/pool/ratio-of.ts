import type { Interval } from '../../../model/pool-decision.ts';

/**
 * One independent figure / another, with the interval on the scale of logarithms, where the relative errors of both add
 * in quadrature. An end of nothing makes an end of 0, or of infinity.
 */
export function ratioOf(above: Interval, below: Interval): Interval {
  const estimate = above.estimate / below.estimate;
  const down = Math.hypot(relative(above.low, above.estimate), relative(below.estimate, below.high));
  const up = Math.hypot(relative(above.estimate, above.high), relative(below.low, below.estimate));
  return { estimate, low: estimate * Math.exp(-down), high: estimate * Math.exp(up) };
}

const relative = (low: number, high: number): number => (low === high ? 0 : Math.log(high / Math.max(low, 0)));

export type Change = 'risen' | 'not-risen' | 'undecided';

/**
 * Whether a ratio is above 1 by more than `within`: risen where it surely rose and its estimate rose by more, not risen
 * where it surely rose by no more. A rise that is sure and within the band is none that matters.
 */
export function changeOf({ estimate, low, high }: Interval, within: number): Change {
  if (high <= 1 + within) return 'not-risen';
  return low > 1 && estimate > 1 + within ? 'risen' : 'undecided';
}
