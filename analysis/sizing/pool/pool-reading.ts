import type { Interval, PoolReading } from '../../../model/pool-decision.ts';
import { type Milliseconds, between, microseconds, millisecondsOf, rateOf } from '../../../model/units.ts';
import type { StageAnalysis } from '../../analysis.ts';
import { type HistogramSeries, histogramIn, shareWithin } from '../../metrics/histogram-series.ts';
import type { PoolSignals } from '../../metrics/pool-signals.ts';
import { type TimeWindow, increaseIn, meanIn } from '../../metrics/series-window.ts';
import type { Signal } from '../../metrics/signal.ts';
import { batchProportion } from '../../statistics/batch-proportion.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { skewedMeanInterval } from '../../statistics/skewed-mean-interval.ts';
import { Completions } from '../../traffic/completions.ts';
import type { DecodedTraffic, StageTraffic } from '../../traffic/decode-traffic.ts';
import { meanOfCounts, mergeValueCounts } from '../../traffic/value-counts.ts';
import { type HoldStage, type MeasuredHold, measuredHolds } from './measured-hold.ts';

/** A pool in one valid hold stage, with its hold time, its waits and what got through. */
export interface StagePool extends MeasuredHold {
  readonly reading: PoolReading;
}

/** Of a stage's analysis what is needed here. */
export type PoolStage = HoldStage &
  Pick<
    StageAnalysis,
    'offeredPerSecond' | 'achievedPerSecond' | 'completedPerSecond' | 'due' | 'failed' | 'shed' | 'dropped'
  >;

/**
 * What a pool sweep decides from, in every stage that `measuredHolds` takes, in rising order of rate. Means and shares are
 * those of the whole stage; their intervals (95 %) come from batches of consecutive readings, so that neighbours which are
 * alike do not count twice.
 *
 * @param perRequest acquisitions of one request; null: as the pool counts them
 * @param limit of waits: a histogram of them tells the share beyond
 */
export function poolReadings(
  pool: PoolSignals,
  traffic: DecodedTraffic,
  stages: readonly PoolStage[],
  perRequest: number | null,
  limit: Milliseconds,
): readonly StagePool[] {
  const completions = new Completions(traffic);
  return measuredHolds(pool, traffic, stages, perRequest).flatMap((hold) => {
    const [stage, figures] = [
      traffic.stages.find(({ index }) => index === hold.stage),
      stages.find(({ index }) => index === hold.stage),
    ];
    if (stage === undefined || figures === undefined) return [];
    const acquired = (window: TimeWindow): number | null =>
      perRequest === null
        ? increaseOf(pool.acquireCount ?? pool.useCount, window)
        : completions.in(window.from, window.to) * perRequest;
    const batches = hold.batches.map((window) => ({ window, acquisitions: acquired(window) ?? 0 }));
    return [
      {
        ...hold,
        reading: {
          offered: 'startPerSecond' in stage.stage ? figures.offeredPerSecond : null,
          throughput: throughputOf(figures, batches, completions),
          hold: hold.hold,
          wait: waitOf(pool, batches),
          waiting: sharesOf(batches, ({ window }) => increaseOf(pool.waitCount, window)),
          waitOver: overLimit(pool.waitHistogram, batches, limit),
          inUse: hold.inUse,
          errors: (figures.failed + figures.shed + figures.dropped) / Math.max(1, figures.due),
          latency: meanResponse(stage),
        },
      },
    ];
  });
}

interface AcquisitionBatch {
  readonly window: TimeWindow;
  readonly acquisitions: number;
}

const increaseOf = (signal: Signal | null, window: TimeWindow): number | null => {
  const increase = signal === null ? null : increaseIn(signal.series, window);
  return increase === null || increase.resets.length > 0 ? null : increase.value;
};

/** Requests answered as expected per second; the scatter is that of all answers over the same batches. */
function throughputOf(
  { completedPerSecond, achievedPerSecond }: PoolStage,
  batches: readonly AcquisitionBatch[],
  completions: Completions,
): Interval {
  const rates = batches.map(({ window: { from, to } }) => rateOf(completions.in(from, to), between(from, to)));
  const estimate = completedPerSecond ?? achievedPerSecond;
  if (rates.length < 2) return { estimate, low: 0, high: Infinity };
  const { low, high } = skewedMeanInterval(rates, 0.95);
  const { mean } = momentsOf(rates);
  return { estimate, low: Math.max(0, estimate + low - mean), high: estimate + high - mean };
}

/**
 * Mean wait over all acquisitions: as the exporter times it, else by Little's law from those that wait at a time. Without
 * a single wait in any batch there is no scatter to see, and none is claimed.
 */
function waitOf(pool: PoolSignals, batches: readonly AcquisitionBatch[]): Interval | null {
  const time = pool.waitMs ?? (pool.waitCount === null ? pool.acquireMs : null);
  const waited = (window: TimeWindow): number | null => {
    if (time !== null) return increaseOf(time, window);
    const pending = pool.pending === null ? null : meanIn(pool.pending.series, window);
    return pending === null ? null : pending * between(window.from, window.to);
  };
  const parts = batches.map(({ window, acquisitions }) => ({ time: waited(window), acquisitions }));
  if (parts.length < 2 || parts.some((part) => part.time === null || part.acquisitions === 0)) return null;
  const waits = parts.map((part) => (part.time ?? 0) / part.acquisitions);
  const total = parts.reduce((sum, part) => sum + (part.time ?? 0), 0);
  const estimate = total / parts.reduce((sum, part) => sum + part.acquisitions, 0);
  const { low, high } = skewedMeanInterval(waits, 0.95);
  return { estimate, low: Math.max(0, Math.min(low, estimate)), high: Math.max(high, estimate) };
}

function sharesOf(
  batches: readonly AcquisitionBatch[],
  hitsIn: (batch: AcquisitionBatch) => number | null,
): Interval | null {
  const counted = batches.map((batch) => ({ hits: hitsIn(batch), trials: batch.acquisitions }));
  if (counted.some(({ hits, trials }) => hits === null || trials === 0)) return null;
  return batchProportion(
    counted.map(({ hits, trials }) => ({ hits: Math.min(hits ?? 0, trials), trials })),
    0.95,
  );
}

/** Between two bounds of the histogram the share is not known more exactly than what both ends say. */
function overLimit(
  histogram: HistogramSeries | null,
  batches: readonly AcquisitionBatch[],
  limit: Milliseconds,
): Interval | null {
  if (histogram === null) return null;
  const counted = batches.flatMap(({ window }) => {
    const increase = histogramIn(histogram, window);
    const within = increase === null || increase.resets.length > 0 ? null : shareWithin(increase, limit);
    return increase === null || within === null ? [] : [{ within, trials: increase.total }];
  });
  if (counted.length !== batches.length) return null;
  const shareWith = (end: 'low' | 'high'): Interval | null =>
    batchProportion(
      counted.map(({ within, trials }) => ({ hits: Math.round((1 - within[end]) * trials), trials })),
      0.95,
    );
  const [most, least] = [shareWith('low'), shareWith('high')];
  return most === null || least === null
    ? null
    : { estimate: (most.estimate + least.estimate) / 2, low: least.low, high: most.high };
}

function meanResponse({ all }: StageTraffic): Milliseconds | null {
  const mean = meanOfCounts(mergeValueCounts(all.steady.map(({ response }) => response)));
  return mean === null ? null : millisecondsOf(microseconds(mean));
}
