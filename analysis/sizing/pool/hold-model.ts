import type { Interval } from '../../../model/pool-decision.ts';
import { normalQuantile } from '../../statistics/normal-quantile.ts';
import { weightedLine } from '../../statistics/weighted-line.ts';
import { changeOf } from './ratio-of.ts';

/** A stage or a pool size: connections in use on average, and how long each was held. */
export interface HoldPoint {
  readonly active: number;
  readonly hold: Interval;
}

/** Hold time as a function of the connections in use: whether what is behind them slows when asked more. */
export type HoldModel =
  | {
      readonly status: 'fitted';
      readonly shape: 'flat' | 'rising' | 'undecided';
      /** Hold time at the most / at the fewest in use. */
      readonly rise: Interval;
      readonly from: number;
      readonly to: number;
      readonly points: number;
    }
  | { readonly status: 'not-identified'; readonly reason: 'too-few-points' | 'range-too-narrow' };

/**
 * A straight line of the hold time over the connections in use, weighted by the hold times' own intervals. Rising where
 * the line surely rises, by more than `within` over the measured range; flat where it surely rises by no more.
 *
 * Both sides hold the measured connections in use (hold time is these / acquisitions per second), so an error of theirs
 * tilts the line upwards, by about its relative square; over a range of `leastRange` that is far below `within`, and a
 * narrower range is not judged.
 */
export function holdModel(points: readonly HoldPoint[], within: number): HoldModel {
  const used = points.filter(({ active, hold }) => active > 0 && hold.estimate > 0);
  const [from, to] = [Math.min(...used.map(({ active }) => active)), Math.max(...used.map(({ active }) => active))];
  if (used.length < 3) return { status: 'not-identified', reason: 'too-few-points' };
  if (to < leastRange * from) return { status: 'not-identified', reason: 'range-too-narrow' };
  const line = weightedLine(
    used.map(({ active, hold }) => ({ x: active, y: hold.estimate, error: errorOf(hold) })),
    0.95,
  );
  if (line === null) return { status: 'not-identified', reason: 'range-too-narrow' };
  const riseWith = (slope: number): number => {
    const at = (active: number): number => line.meanY + slope * (active - line.meanX);
    // A slope so steep that nothing is left at the low end sets no limit; one that falls to nothing rises to nothing.
    return at(from) <= 0 ? Infinity : Math.max(0, at(to)) / at(from);
  };
  const rise = { estimate: riseWith(line.slope), low: riseWith(line.slopeLow), high: riseWith(line.slopeHigh) };
  const change = changeOf(rise, within);
  const shape = change === 'risen' ? 'rising' : change === 'not-risen' ? 'flat' : 'undecided';
  return { status: 'fitted', shape, rise, from, to, points: used.length };
}

/** Below that, errors of the connections in use tell as much as their differences. */
const leastRange = 2;
/** No hold time is known better than to a thousandth. */
const leastError = 0.001;

const errorOf = ({ estimate, low, high }: Interval): number =>
  Math.max(leastError * estimate, (high - low) / 2 / normalQuantile(0.975));
