import type { RunRecord } from '../../model/run-record.ts';
import { microseconds, millisecondsOf } from '../../model/units.ts';
import { answerOf } from '../analyzers/analyzer.ts';
import { loadFidelity } from '../analyzers/load-fidelity.ts';
import { trafficPerStage } from '../analyzers/traffic-per-stage.ts';
import { targetPerStage } from '../analyzers/target-per-stage.ts';
import type { TargetAnalysis } from '../analysis.ts';
import { decodeRecord } from '../decode-record.ts';
import type { PoolDriver } from '../metrics/pool-fields.ts';
import type { QueueOrder } from '../models/queueing/waiting-line.ts';
import { batchQuantiles } from '../statistics/batch-quantiles.ts';
import { momentsOf } from '../statistics/moments.ts';
import { splitBatches } from '../statistics/split-batches.ts';
import { studentTQuantile } from '../statistics/student-t.ts';
import type { StageTraffic } from '../traffic/decode-traffic.ts';
import { responseTimeGrew } from '../traffic/queue-growth.ts';
import { type ValueCounts, meanOfCounts, mergeValueCounts } from '../traffic/value-counts.ts';

/** A figure in ms with the standard error of its logarithm. */
export interface MeasuredFigure {
  readonly value: number;
  readonly relativeError: number;
}

/** A hold that the service kept up with: what it answered is what it was asked. */
export interface MeasuredLevel {
  readonly stage: number;
  readonly perSecond: number;
  readonly mean: MeasuredFigure;
  readonly p99: MeasuredFigure;
  /** Response times, µs. */
  readonly counts: ValueCounts;
  readonly target: TargetAnalysis | null;
}

export interface MeasuredLoad {
  /** By rising rate, two or more. */
  readonly levels: readonly MeasuredLevel[];
  /** Of the lowest rate that the service did not keep up with: the rate, and what it completed; null: it kept up. */
  readonly saturated: { readonly perSecond: number; readonly completedPerSecond: number } | null;
  readonly arrivals: 'even' | 'poisson';
  /** Pool → the orders in which those who wait may get a connection; more than one where its driver does not tell. */
  readonly poolOrders: ReadonlyMap<string, readonly QueueOrder[]>;
}

/**
 * The stages of a run that a queue can be fitted to: valid holds of an open load without failures, whose response time
 * did not grow all through them.
 *
 * @returns the reason where there are fewer than two of them
 */
export function measuredLoad(record: RunRecord): MeasuredLoad | { readonly refused: string } {
  const profile = record.plan.loadProfile;
  if (profile.kind === 'closed')
    return { refused: 'the run was a closed loop: its answers set the pace, so there is no offered rate to change' };
  const { levels, notKept, validHolds, poolOrders } = measuredLevels(record);
  const [lowest] = levels;
  const highest = levels.at(-1);
  if (lowest === undefined || highest === undefined || highest.perSecond < lowest.perSecond * leastSpread)
    return {
      refused: `a prediction needs two or more hold stages of different rates that the service kept up with, and long enough for a p99; of ${validHolds} valid holds ${levels.length} will do`,
    };
  const saturated = notKept.find(({ perSecond }) => perSecond > highest.perSecond) ?? null;
  return { levels, saturated, arrivals: profile.arrivals, poolOrders };
}

/** The valid holds by rising rate: those that the service kept up with, and what it completed in the others. */
export function measuredLevels(record: RunRecord): {
  readonly levels: readonly MeasuredLevel[];
  readonly notKept: readonly { readonly perSecond: number; readonly completedPerSecond: number }[];
  readonly validHolds: number;
  readonly poolOrders: MeasuredLoad['poolOrders'];
} {
  const known = decodeRecord(record);
  const pools = known.signals?.status === 'captured' ? known.signals.value.pools : [];
  const poolOrders = new Map(pools.map(({ name, driver }) => [name, ordersOf(driver)]));
  if (known.traffic?.status !== 'captured') return { levels: [], notKept: [], validHolds: 0, poolOrders };
  const validity = answerOf(loadFidelity.ask(known));
  const targets = answerOf(targetPerStage.ask(known));
  const figures = answerOf(trafficPerStage.ask(known));
  const holds = known.traffic.value.stages
    .filter(({ index, stage }) => stage.kind === 'hold' && validity?.[index]?.status === 'valid')
    .toSorted((left, right) => rateOfStage(left) - rateOfStage(right));
  return {
    levels: holds.flatMap((stage) => levelOf(stage, targets?.[stage.index]?.target ?? null) ?? []),
    notKept: holds
      .filter((stage) => !keptUp(stage))
      .flatMap((stage) => {
        const completedPerSecond = figures?.[stage.index]?.stage.completedPerSecond ?? null;
        return completedPerSecond === null ? [] : [{ perSecond: rateOfStage(stage), completedPerSecond }];
      }),
    validHolds: holds.length,
    poolOrders,
  };
}

/** database/sql hands a free connection to any of those that wait, the others that are known to the first. */
function ordersOf(driver: PoolDriver): readonly QueueOrder[] {
  switch (driver) {
    case 'database/sql':
      return ['random'];
    case 'pgxpool':
    case 'go-redis':
    case 'http.Transport':
      return ['fifo'];
    case 'opentelemetry':
      return ['fifo', 'random'];
    default:
      return driver satisfies never;
  }
}

/** Two rates closer than this are one. */
const leastSpread = 1.1;

function levelOf(stage: StageTraffic, target: TargetAnalysis | null): MeasuredLevel | null {
  if (!keptUp(stage)) return null;
  const batches = splitBatches(stage.all.steady.map(({ response }) => response)).map((batch) =>
    mergeValueCounts(batch),
  );
  const counts = mergeValueCounts(batches);
  const [p99] = batchQuantiles(batches, [0.99], confidence);
  const means = batches.flatMap((batch) => meanOfCounts(batch) ?? []);
  const mean = meanOfCounts(counts);
  if (mean === null || means.length < 2 || p99?.status !== 'estimated') return null;
  return {
    stage: stage.index,
    perSecond: rateOfStage(stage),
    mean: {
      value: inMs(mean),
      relativeError: Math.sqrt(momentsOf(means).variance / means.length) / mean,
    },
    p99: {
      value: inMs(p99.estimate),
      relativeError: Math.log(p99.high / p99.low) / (2 * studentTQuantile((1 + confidence) / 2, batches.length - 1)),
    },
    counts,
    target,
  };
}

const confidence = 0.95;

const inMs = (value: number): number => millisecondsOf(microseconds(value));

/** Nearly all done, and the response time did not grow all the while, which is a queue that has no steady state. */
function keptUp(stage: StageTraffic): boolean {
  const { due, done } = stage.all.books;
  return done >= leastDone * due && !responseTimeGrew(stage.all);
}

const leastDone = 0.999;

function rateOfStage({ stage }: StageTraffic): number {
  return 'startPerSecond' in stage ? stage.startPerSecond : Number.NaN;
}
