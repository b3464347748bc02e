import type { Series } from '../../model/series.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import { convertSeries, fromNothing, joinSeries, sumOfSeries } from './combine-series.ts';
import { type TimeWindow, increaseIn } from './series-window.ts';
import type { Labels } from './series-table.ts';

/** A Prometheus histogram over time: cumulative counts by upper bound, rising; the last bound is Infinity. */
export interface HistogramSeries {
  /** Of the family, without `_bucket`. */
  readonly name: string;
  /** Without `le`. */
  readonly labels: Labels;
  readonly buckets: readonly { readonly upperBound: number; readonly series: Series }[];
  readonly sum: Series | null;
  readonly count: Series | null;
}

/** What a histogram counted between its first and last reading in a window. */
export interface HistogramIncrease {
  /** Upper bounds, rising, the last Infinity, and how many fell between each and the one before; of equal length. */
  readonly upperBounds: readonly number[];
  readonly counts: readonly number[];
  readonly total: number;
  /** Null where the source gives none, or NaN. */
  readonly sum: number | null;
  readonly from: EpochMilliseconds;
  readonly to: EpochMilliseconds;
  readonly resets: readonly EpochMilliseconds[];
}

/** Bounds of a figure that buckets can't tell more exactly: it lies in (low, high]. */
export interface Between {
  readonly low: number;
  readonly high: number;
}

/**
 * The histograms of a family, one per set of labels. Bounds are compared as numbers, so "1" and "1.0" are one bucket.
 * Also a summary, or a histogram without buckets: then there is only the bucket without bound.
 */
export function histogramsOf(list: readonly Series[], name: string): HistogramSeries[] {
  const groups = new Map<
    string,
    { labels: Labels; buckets: Map<number, [Series, ...Series[]]>; sum?: Series; count?: Series }
  >();
  const groupOf = (labels: Labels): NonNullable<ReturnType<typeof groups.get>> => {
    const key = JSON.stringify(
      Object.keys(labels)
        .toSorted((a, b) => (a < b ? -1 : 1))
        .map((label) => [label, labels[label]]),
    );
    const group = groups.get(key) ?? { labels, buckets: new Map() };
    groups.set(key, group);
    return group;
  };
  for (const series of list) {
    if (series.name === `${name}_sum`) groupOf(series.labels).sum = series;
    else if (series.name === `${name}_count`) groupOf(series.labels).count = series;
    else if (series.name === `${name}_bucket`) {
      const { le = '', ...labels } = series.labels;
      const bound = le === '+Inf' ? Infinity : Number(le === '' ? Number.NaN : le);
      if (Number.isNaN(bound)) continue;
      const { buckets } = groupOf(labels);
      const known = buckets.get(bound);
      if (known === undefined) buckets.set(bound, [series]);
      else known.push(series);
    }
  }
  return [...groups.values()].map(({ labels, buckets, sum = null, count = null }) => {
    if (!buckets.has(Infinity) && count !== null) buckets.set(Infinity, [count]);
    const rising = [...buckets].toSorted(([one], [other]) => one - other);
    const joined = rising.map(([upperBound, parts]) => ({ upperBound, series: joinSeries(parts) }));
    return { name, labels, buckets: joined, sum, count };
  });
}

/** As `fromNothing` of a counter: a histogram that appears later has counted nothing before. */
export function histogramFromNothing(
  histogram: HistogramSeries,
  readAt: readonly EpochMilliseconds[],
): HistogramSeries {
  const { buckets, sum, count } = histogram;
  return {
    ...histogram,
    buckets: buckets.map(({ upperBound, series }) => ({ upperBound, series: fromNothing(series, readAt) })),
    sum: sum === null ? null : fromNothing(sum, readAt),
    count: count === null ? null : fromNothing(count, readAt),
  };
}

/** Bounds and sum converted to another unit. */
export function convertHistogram(histogram: HistogramSeries, convert: (value: number) => number): HistogramSeries {
  return {
    ...histogram,
    buckets: histogram.buckets.map(({ upperBound, series }) => ({ upperBound: convert(upperBound), series })),
    sum: histogram.sum === null ? null : convertSeries(histogram.sum, convert),
  };
}

/**
 * Histograms of the same bounds added up over their labels; null for none, or where bounds differ. A set of labels that
 * appears only later counted nothing before.
 */
export function sumOfHistograms(list: readonly HistogramSeries[]): HistogramSeries | null {
  const [first] = list;
  if (first === undefined) return null;
  const bounds = ({ buckets }: HistogramSeries): string => buckets.map(({ upperBound }) => upperBound).join(' ');
  if (list.some((each) => bounds(each) !== bounds(first))) return null;
  const buckets = first.buckets.map(({ upperBound, series }, index) => ({
    upperBound,
    series: sumOfSeries(list.flatMap((each) => each.buckets[index]?.series ?? [])) ?? series,
  }));
  return {
    name: first.name,
    labels: {},
    buckets,
    sum: sumOfAll(list.map(({ sum }) => sum)),
    count: sumOfAll(list.map(({ count }) => count)),
  };
}

const sumOfAll = (parts: readonly (Series | null)[]): Series | null =>
  parts.includes(null) ? null : sumOfSeries(parts.filter((part) => part !== null));

/** @returns null with fewer than two readings in the window, or where the bucket without bound is missing. */
export function histogramIn(histogram: HistogramSeries, window: TimeWindow): HistogramIncrease | null {
  const increases = histogram.buckets.map(({ series }) => increaseIn(series, window));
  const whole = increases.at(-1);
  if (whole === null || whole === undefined || histogram.buckets.at(-1)?.upperBound !== Infinity) return null;
  let below = 0;
  const counts = increases.map((increase) => {
    // A page may be written while buckets still move, so a lower one can be ahead of a higher by a few.
    const upTo = Math.max(below, increase?.value ?? below);
    const own = upTo - below;
    below = upTo;
    return own;
  });
  const sum = histogram.sum === null ? null : (increaseIn(histogram.sum, window)?.value ?? null);
  const upperBounds = histogram.buckets.map(({ upperBound }) => upperBound);
  return { upperBounds, counts, total: below, sum, from: whole.from, to: whole.to, resets: whole.resets };
}

/**
 * In which bucket the quantile lies: the smallest values of which at least `quantile` × total are as small or smaller.
 * Nothing is interpolated: Go's own histograms of times step by tenfold, so a point in between would be made up. `low` is
 * 0 below the first bound (what is counted here is never negative), `high` Infinity above the last.
 *
 * @returns null where nothing was counted.
 */
export function quantileBetween({ upperBounds, counts, total }: HistogramIncrease, quantile: number): Between | null {
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(quantile * total - rankTolerance * total));
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    seen += count;
    if (seen >= rank) return { low: Math.max(0, upperBounds[index - 1] ?? 0), high: upperBounds[index] ?? Infinity };
  }
  return null;
}

/** Keeps 0.99 × 100 at 99, which in binary is a little more. */
const rankTolerance = 1e-12;

/** Which share was at or below the limit: exactly known where the limit is a bound of a bucket, else between two. */
export function shareWithin({ upperBounds, counts, total }: HistogramIncrease, limit: number): Between | null {
  if (total === 0) return null;
  let low = 0;
  for (const [index, count] of counts.entries()) {
    const bound = upperBounds[index] ?? Infinity;
    if (nearlyEqual(bound, limit)) return { low: (low + count) / total, high: (low + count) / total };
    if (bound > limit) return { low: low / total, high: (low + count) / total };
    low += count;
  }
  return { low: low / total, high: low / total };
}

/** Bounds went through text and a change of unit: 0.1 s is 100 ms although 0.1 × 10³ need not be 100 in binary. */
const nearlyEqual = (one: number, other: number): boolean =>
  one === other || Math.abs(one - other) <= 1e-9 * Math.abs(other);
