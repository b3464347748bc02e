import type { Interval } from '../../../model/pool-decision.ts';
import { normalQuantile } from '../../statistics/normal-quantile.ts';
import { studentTQuantile } from '../../statistics/student-t.ts';
import { type WeightedPoint, weightedLine } from '../../statistics/weighted-line.ts';
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
      /** A straight line, or level up to a number of connections in use and in proportion to them beyond. */
      readonly law: 'line' | 'knee';
      /** Hold time at the most / at the fewest in use. */
      readonly rise: Interval;
      readonly from: number;
      readonly to: number;
    }
  | { readonly status: 'not-identified'; readonly reason: 'too-few-points' | 'range-too-narrow' };

/**
 * Fits hold times over the connections in use, weighted by the hold times' own intervals: a straight line, or, where that
 * fits clearly better, a level part and one in proportion, as of a database that executes so many statements at once.
 * Rising where hold times surely rise, by more than `within` over the measured range; flat where they surely rise by no
 * more. Points that scatter more than their intervals explain widen the interval, as of `weightedLine`.
 *
 * Both sides hold the measured connections in use (hold time is these / acquisitions per second), so an error of theirs
 * tilts the fit upwards, by about its relative square; over a range of `leastRange` that is far below `within`, and a
 * narrower range is not judged.
 */
export function holdModel(points: readonly HoldPoint[], within: number): HoldModel {
  const used = points
    .filter(({ active, hold }) => active > 0 && hold.estimate > 0)
    .map(({ active, hold }) => ({ x: active, y: hold.estimate, error: errorOf(hold) }))
    .toSorted((one, other) => one.x - other.x);
  const [first, last] = [used[0], used.at(-1)];
  if (first === undefined || last === undefined || used.length < 3)
    return { status: 'not-identified', reason: 'too-few-points' };
  const line = lineThrough(used, first.x, last.x);
  if (line === null || last.x < leastRange * first.x) return { status: 'not-identified', reason: 'range-too-narrow' };
  const knee = kneeThrough(used);
  const better = knee !== null && knee.deviation < line.deviation - clearlyBetter;
  const { rise } = better ? knee : line;
  const change = changeOf(rise, within);
  return {
    status: 'fitted',
    shape: change === 'risen' ? 'rising' : change === 'not-risen' ? 'flat' : 'undecided',
    law: better ? 'knee' : 'line',
    rise,
    from: first.x,
    to: last.x,
  };
}

/** Below that, errors of the connections in use tell as much as their differences. */
const leastRange = 2;
/** Of χ²; both laws have two parameters, and a knee may also be anywhere. */
const clearlyBetter = 4;
/** No hold time is known better than to a thousandth. */
const leastError = 0.001;

const errorOf = ({ estimate, low, high }: Interval): number =>
  Math.max(leastError * estimate, (high - low) / 2 / normalQuantile(0.975));

interface Fitted {
  readonly rise: Interval;
  /** χ² of the points about it. */
  readonly deviation: number;
}

function lineThrough(points: readonly WeightedPoint[], from: number, to: number): Fitted | null {
  const line = weightedLine(points, 0.95);
  if (line === null) return null;
  const valueAt = (x: number, slope: number): number => line.meanY + slope * (x - line.meanX);
  // A slope so steep that nothing is left at the low end sets no limit; one that falls to nothing rises to nothing.
  const riseWith = (slope: number): number =>
    valueAt(from, slope) <= 0 ? Infinity : Math.max(0, valueAt(to, slope)) / valueAt(from, slope);
  return {
    rise: { estimate: riseWith(line.slope), low: riseWith(line.slopeLow), high: riseWith(line.slopeHigh) },
    deviation: deviationFrom(points, (x) => valueAt(x, line.slope)),
  };
}

/** Of all places of the knee the one that fits best; for each, both parts are weighted means. Null where none bends up. */
function kneeThrough(points: readonly WeightedPoint[]): Fitted | null {
  const fits = points.slice(1).flatMap((_, index): Fitted[] => {
    const [level, rising] = [points.slice(0, index + 1), points.slice(index + 1)];
    const weight = sumOver(level, ({ error }) => error ** -2);
    const height = sumOver(level, ({ y, error }) => y * error ** -2) / weight;
    const squares = sumOver(rising, ({ x, error }) => (x / error) ** 2);
    const slope = sumOver(rising, ({ x, y, error }) => (x * y) / error ** 2) / squares;
    const [next, last] = [rising[0], rising.at(-1)];
    if (next === undefined || last === undefined || slope * next.x < height) return [];
    const deviation = deviationFrom(points, (x) => Math.max(height, slope * x));
    const excess = deviation / (points.length - 2);
    const critical =
      excess > 1 ? studentTQuantile(0.975, points.length - 2) * Math.sqrt(excess) : normalQuantile(0.975);
    const half = critical * Math.hypot(1 / Math.sqrt(weight) / height, 1 / Math.sqrt(squares) / slope);
    const estimate = (slope * last.x) / height;
    return [{ rise: { estimate, low: estimate * Math.exp(-half), high: estimate * Math.exp(half) }, deviation }];
  });
  return fits.toSorted((one, other) => one.deviation - other.deviation)[0] ?? null;
}

const sumOver = (points: readonly WeightedPoint[], of: (point: WeightedPoint) => number): number =>
  points.reduce((sum, point) => sum + of(point), 0);

const deviationFrom = (points: readonly WeightedPoint[], curve: (x: number) => number): number =>
  sumOver(points, ({ x, y, error }) => ((y - curve(x)) / error) ** 2);
