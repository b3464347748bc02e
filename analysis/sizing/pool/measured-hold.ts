import { type Milliseconds, type PerSecond, milliseconds, perSecond, rateOf, seconds } from '../../../model/units.ts';
import type { StageAnalysis } from '../../analysis.ts';
import { StageReadings } from '../../analyzers/stage-readings.ts';
import type { PoolSignals } from '../../metrics/pool-signals.ts';
import { pointsIn } from '../../metrics/series-window.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { normalQuantile } from '../../statistics/normal-quantile.ts';
import { skewedMeanInterval } from '../../statistics/skewed-mean-interval.ts';
import { splitBatches } from '../../statistics/split-batches.ts';
import { Completions } from '../../traffic/completions.ts';
import type { DecodedTraffic } from '../../traffic/decode-traffic.ts';
import type { WaitFigure } from '../waits/waits.ts';

/** A pool in one valid hold stage. */
export interface MeasuredHold {
  readonly stage: number;
  readonly name: string;
  readonly requestsPerSecond: PerSecond;
  readonly acquisitionsPerSecond: PerSecond;
  readonly inUse: WaitFigure;
  /** Little's law: in use / acquisitions per second; ms. */
  readonly hold: WaitFigure;
}

/**
 * Hold times of a pool by Little's law, mean in use / rate of acquiring, in the stages that are valid and hold a rate, in
 * rising order of that rate. The interval (95 %) is that of the mean in use, over batches of consecutive readings; the rate
 * is counted, and adds its counting error to that of the hold time. A stage with fewer readings than `fewestReadings`, or without use, is left out.
 *
 * @param perRequest acquisitions of one request; null: as the pool counts them
 */
export function measuredHolds(
  pool: PoolSignals,
  traffic: DecodedTraffic,
  stages: readonly StageAnalysis[],
  perRequest: number | null,
): readonly MeasuredHold[] {
  const completions = new Completions(traffic);
  const valid = new Set(
    stages.filter(({ kind, validity }) => kind === 'hold' && validity.status === 'valid').map(({ index }) => index),
  );
  return traffic.stages
    .filter(({ index }) => valid.has(index))
    .flatMap((stage): readonly MeasuredHold[] => {
      const readings = new StageReadings(traffic.measurement.startedAt, stage, completions);
      const points = pool.inUse === null ? [] : pointsIn(pool.inUse.series, readings.window);
      const [first, last] = [points[0], points.at(-1)];
      if (first === undefined || last === undefined || points.length < fewestReadings) return [];
      const window = { from: first.at, to: last.at };
      const requests = rateOf(readings.answeredIn(window), milliseconds(last.at - first.at));
      const counted = readings.perSecond(pool.acquireCount ?? pool.useCount);
      const rate = perRequest === null ? counted : perSecond(requests * perRequest);
      if (rate === null || !(rate > 0) || !(requests > 0)) return [];
      const batches = splitBatches(points.map(({ value }) => value)).map((batch) => momentsOf(batch).mean);
      const estimate = momentsOf(points.map(({ value }) => value)).mean;
      const { low, high } = skewedMeanInterval(batches, 0.95);
      if (!(estimate > 0)) return [];
      const inUse = {
        estimate,
        low: Math.max(estimate * leastShare, Math.min(low, estimate)),
        high: Math.max(high, estimate),
      };
      const holdOf = (connections: number): Milliseconds => milliseconds((connections * seconds(1)) / rate);
      // Of so many requests the count alone is off by that much, even where a full pool is always in use.
      const counting = normalQuantile(0.975) / Math.sqrt(readings.answeredIn(window));
      return [
        {
          stage: stage.index,
          name: stage.stage.name,
          requestsPerSecond: requests,
          acquisitionsPerSecond: rate,
          inUse,
          hold: {
            estimate: holdOf(inUse.estimate),
            low: holdOf(inUse.low) / (1 + counting),
            high: holdOf(inUse.high) * (1 + counting),
          },
        },
      ];
    })
    .toSorted((one, other) => one.requestsPerSecond - other.requestsPerSecond);
}

const fewestReadings = 5;
/** An interval that reaches down to nothing in use would be one without load. */
const leastShare = 0.01;

/**
 * The hold time at a rate of requests: straight lines between the stages, and below the lowest its own, since a database
 * that is asked less is not slower. Null beyond the highest: it may be slower there, and nothing was measured.
 */
export function holdAt(holds: readonly MeasuredHold[], requests: PerSecond): WaitFigure | null {
  const last = holds.at(-1);
  const above =
    holds.find(({ requestsPerSecond }) => requestsPerSecond >= requests) ??
    (last !== undefined && last.requestsPerSecond >= requests * within ? last : undefined);
  if (above === undefined) return null;
  const below = holds.findLast(({ requestsPerSecond }) => requestsPerSecond <= requests);
  if (below === undefined || below === above || below.requestsPerSecond >= above.requestsPerSecond) return above.hold;
  const part = Math.min(1, (requests - below.requestsPerSecond) / (above.requestsPerSecond - below.requestsPerSecond));
  const between = (end: keyof WaitFigure): number => below.hold[end] + part * (above.hold[end] - below.hold[end]);
  return { estimate: between('estimate'), low: between('low'), high: between('high') };
}

/** A stage of 500/s answers 499.6 a second: not beyond what was measured. */
const within = 0.98;
