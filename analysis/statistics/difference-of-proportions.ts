import { normalQuantile } from './normal-quantile.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** Hits among trials, such as failed among due requests. */
export interface Proportion {
  readonly hits: number;
  readonly trials: number;
}

/**
 * By how much the second proportion is above the first, with Newcombe's interval (his method 10: Wilson's score intervals
 * of both, put together by squares). It is honest where nothing was hit: 0 of 100 against 0 of 100 may still differ by 4 %.
 *
 * Source: Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
 * (1998), whose examples it is tested against.
 *
 * @returns null where one of them has no trials
 */
export function differenceOfProportions(
  first: Proportion,
  second: Proportion,
  confidence: number,
): { readonly estimate: number; readonly low: number; readonly high: number } | null {
  if (first.trials === 0 || second.trials === 0) return null;
  const critical = normalQuantile((1 + confidence) / 2);
  const [below, above] = [first, second].map(({ hits, trials }) => {
    const share = hits / trials;
    const { low, high } = wilsonInterval(share, trials, critical);
    return { share, down: share - low, up: high - share };
  });
  if (below === undefined || above === undefined) return null;
  const estimate = above.share - below.share;
  return {
    estimate,
    low: estimate - Math.hypot(above.down, below.up),
    high: estimate + Math.hypot(above.up, below.down),
  };
}
