import { type Between, type HistogramSeries, histogramIn, quantileBetween } from '../metrics/histogram-series.ts';
import { secondMoment } from '../metrics/second-moment.ts';
import type { TimeWindow } from '../metrics/series-window.ts';
import { normalQuantile } from '../statistics/normal-quantile.ts';
import { skewedMeanInterval } from '../statistics/skewed-mean-interval.ts';
import type { WaitFigure } from './waits/waits.ts';

/** What a histogram of times (ms) says of a stage. */
export interface MeasuredTimes {
  readonly count: number;
  /** ms. */
  readonly mean: WaitFigure;
  /** Standard deviation / mean; null where values lie beyond the last bucket, which has no bound. */
  readonly variation: WaitFigure | null;
  /** The bucket that 99.9 % of the times surely (97.5 %) end in or before; null where fewer than some 4,000 were counted. */
  readonly slowest: Between | null;
}

/**
 * Mean, scatter and tail of times. Means are exact (sum / count); the scatter lies within what the buckets allow, see
 * `secondMoment`. Intervals (95 %) are those of the means of batches of consecutive readings. Null where a counter began
 * anew, or too few batches tell.
 *
 * @param batches consecutive stretches of the stage
 */
export function measuredTimes(histogram: HistogramSeries, batches: readonly TimeWindow[]): MeasuredTimes | null {
  const [first, last] = [batches[0], batches.at(-1)];
  if (first === undefined || last === undefined || batches.length < 2) return null;
  const counted = [{ from: first.from, to: last.to }, ...batches].flatMap((window) => {
    const increase = histogramIn(histogram, window);
    return increase === null || increase.sum === null || increase.resets.length > 0 || increase.total === 0
      ? []
      : [{ increase, mean: increase.sum / increase.total, squares: secondMoment(increase) }];
  });
  const [whole, ...parts] = counted;
  if (whole === undefined || parts.length !== batches.length) return null;
  const { total } = whole.increase;
  const mean = around(
    whole.mean,
    parts.map((part) => part.mean),
  );
  return {
    count: total,
    mean,
    variation: variationOf(
      whole.mean,
      whole.squares,
      parts.map(({ squares }) => squares),
    ),
    slowest: slowestIn(whole.increase),
  };
}

/** An interval that holds the estimate, of which no part is below 0. */
function around(estimate: number, means: readonly number[]): WaitFigure {
  const { low, high } = skewedMeanInterval(means, 0.95);
  return { estimate, low: Math.max(0, Math.min(low, estimate)), high: Math.max(high, estimate) };
}

/** The lower end of the batches' lowest squares, and the upper end of their highest: scatter and buckets are both in it. */
function variationOf(
  mean: number,
  whole: Between | null,
  parts: readonly (Between | null)[],
): MeasuredTimes['variation'] {
  const known = parts.filter((part) => part !== null);
  if (whole === null || known.length !== parts.length || !(mean > 0)) return null;
  if (!Number.isFinite(whole.high) || known.some(({ high }) => !Number.isFinite(high))) return null;
  const variation = (squares: number): number => Math.sqrt(Math.max(0, squares / mean ** 2 - 1));
  const least = around(
    whole.low,
    known.map(({ low }) => low),
  );
  const most = around(
    whole.high,
    known.map(({ high }) => high),
  );
  return {
    estimate: variation((whole.low + whole.high) / 2),
    low: variation(least.low),
    high: variation(most.high),
  };
}

/** By the order statistic that is at or beyond the quantile with 97.5 %: the binomial's normal approximation. */
function slowestIn(increase: Parameters<typeof quantileBetween>[0]): Between | null {
  const error = normalQuantile(0.975) * Math.sqrt((slowestShare * (1 - slowestShare)) / increase.total);
  return slowestShare + error >= 1 ? null : quantileBetween(increase, slowestShare + error);
}

const slowestShare = 0.999;
