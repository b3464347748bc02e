import { type Milliseconds, type PerSecond, milliseconds, perSecond, rateOf, seconds } from '../../../model/units.ts';
import type { StageAnalysis } from '../../analysis.ts';
import { StageReadings } from '../../analyzers/stage-readings.ts';
import type { PoolSignals } from '../../metrics/pool-signals.ts';
import { type TimeWindow, increaseIn, pointsIn } from '../../metrics/series-window.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { normalQuantile } from '../../statistics/normal-quantile.ts';
import { skewedMeanInterval } from '../../statistics/skewed-mean-interval.ts';
import { splitBatches } from '../../statistics/split-batches.ts';
import { Completions } from '../../traffic/completions.ts';
import type { DecodedTraffic } from '../../traffic/decode-traffic.ts';
import { batchWindows } from '../batch-windows.ts';
import { measuredTimes } from '../measured-times.ts';
import type { WaitFigure } from '../waits/waits.ts';

/** A pool in one valid hold stage. */
export interface MeasuredHold {
  readonly stage: number;
  readonly name: string;
  readonly requestsPerSecond: PerSecond;
  readonly acquisitionsPerSecond: PerSecond;
  readonly inUse: WaitFigure;
  /** ms. */
  readonly hold: WaitFigure;
  /** Timed by the target, or by Little's law: in use / acquisitions per second. */
  readonly holdBy: 'timed' | 'little';
  /** The metrics that it was taken from, in words. */
  readonly holdFrom: string;
  /** The same by Little's law, as a second witness beside what is timed. */
  readonly little: WaitFigure;
  /** Standard deviation / mean of the hold times; only a histogram of them tells. */
  readonly variation: WaitFigure | null;
  /** Consecutive stretches between readings, which intervals are made from. */
  readonly batches: readonly TimeWindow[];
}

/** A mean time at a rate. */
export type TimeAtRate = Pick<MeasuredHold, 'requestsPerSecond' | 'hold'>;

/** Of a stage's analysis what is needed here. */
export type HoldStage = Pick<StageAnalysis, 'index' | 'kind' | 'validity'>;

/**
 * Hold times of a pool in the stages that are valid and hold a rate, in rising order of that rate: as its exporter times
 * them, with the interval (95 %) over batches of consecutive readings; else by Little's law, mean in use / rate of
 * acquiring, with the interval of the mean in use over such batches and the counting error of the rate. A stage with fewer
 * readings than `fewestReadings`, or without use, is left out.
 *
 * @param perRequest acquisitions of one request; null: as the pool counts them
 */
export function measuredHolds(
  pool: PoolSignals,
  traffic: DecodedTraffic,
  stages: readonly HoldStage[],
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
      const groups = splitBatches(points);
      const estimate = momentsOf(points.map(({ value }) => value)).mean;
      const { low, high } = skewedMeanInterval(
        groups.map((group) => momentsOf(group.map(({ value }) => value)).mean),
        0.95,
      );
      const batches = batchWindows(groups);
      if (!(estimate > 0)) return [];
      const inUse = {
        estimate,
        low: Math.max(estimate * leastShare, Math.min(low, estimate)),
        high: Math.max(high, estimate),
      };
      const holdOf = (connections: number): Milliseconds => milliseconds((connections * seconds(1)) / rate);
      const timed = timedHold(pool, batches);
      // Of so many requests the count alone is off by that much, even where a full pool is always in use.
      const counting = normalQuantile(0.975) / Math.sqrt(readings.answeredIn(window));
      const little: WaitFigure = {
        estimate: holdOf(inUse.estimate),
        low: holdOf(inUse.low) / (1 + counting),
        high: holdOf(inUse.high) * (1 + counting),
      };
      return [
        {
          stage: stage.index,
          name: stage.stage.name,
          requestsPerSecond: requests,
          acquisitionsPerSecond: rate,
          inUse,
          ...(timed === null ? { hold: little, holdBy: 'little' as const } : { hold: timed, holdBy: 'timed' as const }),
          holdFrom: sourceOf(pool, timed !== null, perRequest),
          little,
          variation:
            pool.holdHistogram === null ? null : (measuredTimes(pool.holdHistogram, batches)?.variation ?? null),
          batches,
        },
      ];
    })
    .toSorted((one, other) => one.requestsPerSecond - other.requestsPerSecond);
}

/** Time out / uses, as the exporter counts both; null where it does not, or where too few batches tell. */
function timedHold({ useMs, useCount }: PoolSignals, batches: readonly TimeWindow[]): WaitFigure | null {
  if (useMs === null || useCount === null || batches.length < 2) return null;
  const parts = batches.map((window) => ({
    time: increaseIn(useMs.series, window),
    uses: increaseIn(useCount.series, window),
  }));
  const counted = parts.flatMap(({ time, uses }) =>
    time === null || uses === null || time.resets.length > 0 || !(uses.value > 0)
      ? []
      : [{ time: time.value, uses: uses.value }],
  );
  if (counted.length !== parts.length) return null;
  const sum = (of: (part: (typeof counted)[number]) => number): number =>
    counted.reduce((total, part) => total + of(part), 0);
  const estimate = sum(({ time }) => time) / sum(({ uses }) => uses);
  const { low, high } = skewedMeanInterval(
    counted.map(({ time, uses }) => time / uses),
    0.95,
  );
  return { estimate, low: Math.max(0, Math.min(low, estimate)), high: Math.max(high, estimate) };
}

function sourceOf(
  { inUse, useMs, acquireCount, useCount }: PoolSignals,
  timed: boolean,
  perRequest: number | null,
): string {
  if (timed) return `timed by the target (${useMs?.series.name.replace(/_sum$/, '') ?? ''})`;
  const counted = (acquireCount ?? useCount)?.series.name;
  const rate = perRequest === null ? `the rate of ${counted ?? ''}` : `requests per second × ${perRequest}`;
  return `Little's law (${inUse?.series.name ?? ''} / ${rate})`;
}

const fewestReadings = 5;
/** An interval that reaches down to nothing in use would be one without load. */
const leastShare = 0.01;

/**
 * The hold time at a rate of requests: straight lines between the stages, and below the lowest its own, since a database
 * that is asked less is not slower. Stages of one rate (several runs) are one, as wide as all of them. Null beyond the
 * highest: it may be slower there, and nothing was measured.
 *
 * @param holds in rising order of rate
 */
export function holdAt(holds: readonly TimeAtRate[], requests: PerSecond): WaitFigure | null {
  const rates = ofOneRate(holds);
  const last = rates.at(-1);
  const above =
    rates.find(({ rate }) => rate >= requests) ??
    (last !== undefined && last.rate >= requests * within ? last : undefined);
  if (above === undefined) return null;
  const below = rates.findLast(({ rate }) => rate <= requests);
  if (below === undefined || below === above || below.rate >= above.rate) return above.hold;
  const part = Math.min(1, (requests - below.rate) / (above.rate - below.rate));
  const between = (end: keyof WaitFigure): number => below.hold[end] + part * (above.hold[end] - below.hold[end]);
  return { estimate: between('estimate'), low: between('low'), high: between('high') };
}

/** A stage of 500/s answers 499.6 a second: not beyond what was measured, and the same rate. */
const within = 0.98;

interface HoldAtRate {
  readonly rate: number;
  readonly hold: WaitFigure;
}

function ofOneRate(holds: readonly TimeAtRate[]): readonly HoldAtRate[] {
  const groups: TimeAtRate[][] = [];
  for (const hold of holds) {
    const [first] = groups.at(-1) ?? [];
    if (first !== undefined && first.requestsPerSecond >= hold.requestsPerSecond * within) groups.at(-1)?.push(hold);
    else groups.push([hold]);
  }
  return groups.map((group) => ({
    rate: Math.max(...group.map(({ requestsPerSecond }) => requestsPerSecond)),
    hold: {
      estimate: momentsOf(group.map(({ hold }) => hold.estimate)).mean,
      low: Math.min(...group.map(({ hold }) => hold.low)),
      high: Math.max(...group.map(({ hold }) => hold.high)),
    },
  }));
}
