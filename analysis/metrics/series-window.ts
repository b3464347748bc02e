import type { Series } from '../../model/series.ts';
import { type EpochMilliseconds, type PerSecond, between, rateOf } from '../../model/units.ts';

/** Both ends belong to it. */
export interface TimeWindow {
  readonly from: EpochMilliseconds;
  readonly to: EpochMilliseconds;
}

/**
 * What a counter counted between the first and the last of its points in a window. Nothing is extrapolated to the
 * window's edges: take a rate from it, not the count of the window.
 */
export interface Increase {
  readonly value: number;
  readonly from: EpochMilliseconds;
  readonly to: EpochMilliseconds;
  /** Instants at which the counter was found to have begun anew; what it had counted unseen before each is missing. */
  readonly resets: readonly EpochMilliseconds[];
}

/** Index of the first point at or after the instant. */
function indexAt(series: Series, instant: EpochMilliseconds): number {
  let [low, high] = [0, series.at.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((series.at[middle] ?? Infinity) < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Point {
  readonly at: EpochMilliseconds;
  readonly value: number;
}

/** The points in a window whose value is a number; infinities are numbers. */
export function pointsIn(series: Series, window: TimeWindow): Point[] {
  const points: Point[] = [];
  for (let index = indexAt(series, window.from); index < series.at.length; index++) {
    const at = series.at[index];
    const value = series.values[index];
    if (at === undefined || value === undefined || at > window.to) break;
    if (!Number.isNaN(value)) points.push({ at, value });
  }
  return points;
}

/** @returns null with fewer than two points in the window: one point says nothing of an increase. */
export function increaseIn(series: Series, window: TimeWindow): Increase | null {
  return increaseOver(pointsIn(series, window).filter(({ value }) => Number.isFinite(value)));
}

/**
 * The increase from the first to the last point at which the counter had just changed. For counters that move only now
 * and then, such as `/cpu/classes`, which are updated when a garbage collection ends: between two changes they lag
 * behind, by different amounts at the two ends of a window.
 *
 * @returns null where it changed fewer than twice within the window.
 */
export function increaseBetweenChanges(series: Series, window: TimeWindow): Increase | null {
  const points = pointsIn(series, window).filter(({ value }) => Number.isFinite(value));
  return increaseOver(points.filter(({ value }, index) => index > 0 && value !== points[index - 1]?.value));
}

function increaseOver(points: readonly Point[]): Increase | null {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return null;
  const resets: EpochMilliseconds[] = [];
  let value = 0;
  let previous = first.value;
  for (const point of rest) {
    // After a restart the counter began at 0, so all it shows has been counted since.
    if (point.value < previous) resets.push(point.at);
    value += point.value < previous ? point.value : point.value - previous;
    previous = point.value;
  }
  return { value, from: first.at, to: last.at, resets };
}

/** Increase per second of a counter; never negative for a counter that was reset. Null as `increaseIn`. */
export function rateIn(series: Series, window: TimeWindow): PerSecond | null {
  const increase = increaseIn(series, window);
  return increase === null ? null : rateOf(increase.value, between(increase.from, increase.to));
}

/** Of the readings in the window, each of equal weight; null where there is none. */
export function meanIn(series: Series, window: TimeWindow): number | null {
  const points = pointsIn(series, window);
  return points.length === 0 ? null : points.reduce((sum, { value }) => sum + value, 0) / points.length;
}

export function minimumIn(series: Series, window: TimeWindow): number | null {
  const points = pointsIn(series, window);
  return points.length === 0 ? null : points.reduce((least, { value }) => Math.min(least, value), Infinity);
}

export function maximumIn(series: Series, window: TimeWindow): number | null {
  const points = pointsIn(series, window);
  return points.length === 0 ? null : points.reduce((most, { value }) => Math.max(most, value), -Infinity);
}

export function firstIn(series: Series, window: TimeWindow): number | null {
  return pointsIn(series, window)[0]?.value ?? null;
}

export function lastIn(series: Series, window: TimeWindow): number | null {
  return pointsIn(series, window).at(-1)?.value ?? null;
}

/** The newest reading at or before the instant; null before the first. */
export function valueAt(series: Series, instant: EpochMilliseconds): number | null {
  const index = indexAt(series, instant);
  const exact = series.at[index] === instant;
  return series.values[exact ? index : index - 1] ?? null;
}
