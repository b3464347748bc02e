import { milliseconds, seconds } from '../../model/units.ts';
import { pointsIn } from '../metrics/series-window.ts';
import type { Signal } from '../metrics/signal.ts';
import { type SenSlope, senSlope } from '../statistics/sen-slope.ts';
import { confidence } from './latency-quantiles.ts';
import type { ValidHold } from './valid-holds.ts';

/** How a signal grew at constant load, per millisecond. */
export interface SteadyGrowth extends SenSlope {
  readonly hold: ValidHold;
  readonly readings: number;
  /** Its middle over the window. */
  readonly level: number;
}

/** Shorter windows tell no slope. */
const shortest = seconds(12);
/** What bends has less than this share of the slope of its first half in its second. */
const bent = 0.5;
/** More points than this take long and tell no more. */
const mostPoints = 400;

/**
 * Whether a signal grows and goes on growing over the longest valid hold: the whole interval of its slope is above 0 and
 * its second half is no flatter than half of its first, as something is that fills.
 *
 * @param signal a gauge; readings that did not change are left out where it moves only at events, such as collections
 */
export function steadyGrowth(
  signal: Signal | null,
  holds: readonly ValidHold[],
  moves: 'always' | 'at-events',
): SteadyGrowth | null {
  const [hold] = holds.toSorted((one, other) => other.windowMs - one.windowMs);
  if (signal === null || hold === undefined || hold.windowMs < shortest) return null;
  const all = pointsIn(signal.series, hold.readings.window);
  const told = moves === 'always' ? all : all.filter(({ value }, index) => value !== all[index - 1]?.value);
  const step = Math.max(1, Math.ceil(told.length / mostPoints));
  const points = told
    .filter((_, index) => index % step === 0)
    .map(({ at, value }) => [milliseconds(at), value] as const);
  const whole = senSlope(points, confidence);
  if (whole === null || !(whole.low > 0)) return null;
  const middle = Math.ceil(points.length / 2);
  const [early, late] = [middleSlope(points.slice(0, middle)), middleSlope(points.slice(-middle))];
  if (early === null || late === null || late < bent * early) return null;
  const sorted = points.map(([, value]) => value).toSorted((one, other) => one - other);
  return { ...whole, hold, readings: points.length, level: sorted[sorted.length >> 1] ?? 0 };
}

/** Median of the slopes of pairs half of the points apart: enough for a comparison of halves. */
function middleSlope(points: readonly (readonly [at: number, value: number])[]): number | null {
  const apart = points.length >> 1;
  if (apart < 2) return null;
  const slopes = points.slice(apart).flatMap(([at, value], index) => {
    const before = points[index];
    return before === undefined || before[0] === at ? [] : [(value - before[1]) / (at - before[0])];
  });
  return slopes.toSorted((one, other) => one - other)[slopes.length >> 1] ?? null;
}
