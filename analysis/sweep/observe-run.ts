import type { Estimate } from '../../model/finding.ts';
import type { PoolReading } from '../../model/pool-decision.ts';
import type { RunRecord } from '../../model/run-record.ts';
import type { PoolAnalysis, StageAnalysis } from '../analysis.ts';
import { type Known, answerOf } from '../analyzers/analyzer.ts';
import { loadFidelity } from '../analyzers/load-fidelity.ts';
import { heldAt, objectives } from '../analyzers/objectives.ts';
import type { StageFigures as TrafficFigures } from '../analyzers/stage-figures.ts';
import { type TargetFigures, noTarget } from '../analyzers/target-figures.ts';
import { targetPerStage } from '../analyzers/target-per-stage.ts';
import { trafficPerStage } from '../analyzers/traffic-per-stage.ts';
import { decodeRecord } from '../decode-record.ts';
import { observeCollector } from '../models/garbage-collector/observe-collector.ts';
import { poolReadings } from '../sizing/pool/pool-reading.ts';
import { stageFigures } from './combine-stages.ts';
import type { Milliseconds } from '../../model/units.ts';
import type { ObservedPool, ObservedStage, StageFigureName, SweepEstimate } from '../../model/sweep-figures.ts';
import type { SweepRun } from './sweep-run.ts';

/** Which pool an adaptive sweep looks at. */
export interface WatchedPool {
  /** Null: the only one. */
  readonly name: string | null;
  /** Of waits: a histogram of them tells the share beyond. */
  readonly limit: Milliseconds;
  /** Acquisitions of one request; null: as the pool counts them. */
  readonly perRequest: number | null;
}

/** What a sweep keeps of one run: its hold stages with their figures, how it ended, and where it ran. */
export function observeRun(
  record: RunRecord,
  watched: WatchedPool | null,
): Pick<SweepRun, 'outcome' | 'stages' | 'collector' | 'pool' | 'environment'> {
  let known: Known = decodeRecord(record);
  known = { ...known, validity: loadFidelity.ask(known) };
  known = { ...known, figures: trafficPerStage.ask(known), targets: targetPerStage.ask(known) };
  known = { ...known, objectives: objectives.ask(known) };
  const [figures, targets, validities, results] = [known.figures, known.targets, known.validity, known.objectives];
  const traffic = figures === undefined ? [] : (answerOf(figures) ?? []);
  const target = targets === undefined ? [] : (answerOf(targets) ?? []);
  const validity = validities === undefined ? [] : (answerOf(validities) ?? []);
  const judged = results === undefined ? [] : (answerOf(results) ?? []);
  const asked = record.plan.objectives.length > 0;
  const analysed = traffic.map(({ stage }): StageAnalysis => ({
    ...stage,
    validity: validity[stage.index] ?? { status: 'invalid', reasons: [] },
    target: target[stage.index]?.target ?? noTarget,
    held: null,
  }));
  return {
    outcome: outcomeOf(record),
    stages: traffic
      .filter(({ stage: { kind } }) => kind === 'hold')
      .map((each) => {
        const { index } = each.stage;
        const { status, reasons } = validity[index] ?? { status: 'invalid', reasons: [] };
        return {
          validity: { status: status === 'valid' ? 'valid' : 'invalid', reasons },
          observed: observedStage(record, each, target[index] ?? null, asked ? heldAt(judged, index) : undefined),
        };
      }),
    collector: observeCollector(record, analysed).observations,
    pool: watched === null ? null : poolOf(known, analysed, watched, highestHold(record)),
    environment: environmentOf(record),
  };
}

function poolOf(
  { signals, traffic }: Known,
  stages: readonly StageAnalysis[],
  { name, limit, perRequest }: WatchedPool,
  highest: number,
): PoolReading | null {
  if (signals?.status !== 'captured' || traffic?.status !== 'captured') return null;
  const { pools } = signals.value;
  const pool = name === null && pools.length === 1 ? pools[0] : pools.find((each) => each.name === name);
  if (pool === undefined) return null;
  const readings = poolReadings(pool, traffic.value, stages, perRequest, limit);
  // A lower load in its place would be another cell's.
  return readings.find(({ stage }) => stage === highest)?.reading ?? null;
}

/** Index of the hold stage with the most requests per second, or users. */
function highestHold({ plan: { loadProfile } }: RunRecord): number {
  const loads = loadProfile.stages.map((stage) =>
    stage.kind !== 'hold' ? -1 : 'users' in stage ? stage.users : stage.endPerSecond,
  );
  return loads.indexOf(Math.max(...loads));
}

function outcomeOf({ outcome }: RunRecord): SweepRun['outcome'] {
  return { status: outcome.status, reason: outcome.status === 'completed' ? '' : outcome.reason };
}

/** @param held undefined: no objective is asked for */
function observedStage(
  { plan }: RunRecord,
  { stage }: TrafficFigures,
  target: TargetFigures | null,
  held: boolean | null | undefined,
): ObservedStage {
  const { loadProfile } = plan;
  const planned = loadProfile.stages[stage.index];
  const numbers = numbersOf(stage, target);
  return {
    ...stageFigures((name) => {
      const value = numbers[name];
      return typeof value === 'object' ? value : alone(value);
    }),
    index: stage.index,
    name: stage.name,
    load: planned === undefined ? 0 : 'users' in planned ? planned.users : planned.endPerSecond,
    runs: 1,
    objectives:
      held === undefined
        ? null
        : { met: held === true ? 1 : 0, missed: held === false ? 1 : 0, undecided: held === null ? 1 : 0 },
    responseTimeMs: {
      '0.5': stage.responseTimeMs['0.5'],
      '0.9': stage.responseTimeMs['0.9'],
      '0.99': stage.responseTimeMs['0.99'],
      '0.999': stage.responseTimeMs['0.999'],
    },
    pools: (target?.target.pools ?? []).map(observedPool),
    warnings: [...new Set((target?.warnings ?? []).map(({ code }) => code))],
  };
}

function numbersOf(
  { offeredPerSecond, completedPerSecond, due, failed, dropped, inFlightAtEnd }: TrafficFigures['stage'],
  figures: TargetFigures | null,
): Readonly<Record<StageFigureName, number | Estimate | null>> {
  const target = figures?.target ?? null;
  return {
    offeredPerSecond,
    completedPerSecond,
    errorShare: due === 0 ? null : (failed + dropped + inFlightAtEnd) / due,
    cpuCores: target?.cpuCores ?? null,
    cpuMsPerRequest: target?.cpuMsPerRequest ?? null,
    throttledShare: target?.throttledShare ?? null,
    allocBytesPerRequest: target?.allocBytesPerRequest ?? null,
    gcCpuShare: figures?.gcCpu ?? target?.gcCpuShare ?? null,
    gcCyclesPerSecond: target?.gcCyclesPerSecond ?? null,
    liveHeapBytes: target?.liveHeapBytes ?? null,
    heapGoalBytes: target?.heapGoalBytes ?? null,
    rssPeakBytes: figures?.peakRss?.estimate ?? null,
    goroutines: target?.goroutines ?? null,
  };
}

/** A figure that one run tells without an interval: only repeats give it one. */
function alone(value: number | null): SweepEstimate | null {
  return value === null
    ? null
    : { estimate: value, low: null, high: null, confidence: null, method: 'one run: its spread is not known' };
}

function observedPool({
  name,
  maxOpen,
  inUse,
  waitCountPerSecond,
  waitMsPerRequest,
  holdMs,
}: PoolAnalysis): ObservedPool {
  return {
    name,
    maxOpen,
    inUse: alone(inUse),
    waitCountPerSecond: alone(waitCountPerSecond),
    waitMsPerRequest: alone(waitMsPerRequest),
    holdMs: alone(holdMs),
  };
}

function environmentOf({ environment: { host, target, tools } }: RunRecord): SweepRun['environment'] {
  return {
    kernel: host.kernel,
    'CPU model': host.cpuModel,
    processors: text(host.processors),
    'memory of the machine': text(host.memoryBytes),
    'CPU limit of plimsoll': text(host.cpuLimit),
    'Go version': target.goVersion,
    'build id': target.buildId,
    'processors of the target': target.processorSet,
    'CPU limit': text(target.cpuLimit),
    'memory limit': text(target.memoryLimitBytes),
    GOMAXPROCS: text(target.gomaxprocs),
    GOGC: target.gogc,
    GOMEMLIMIT: target.gomemlimit,
    ...Object.fromEntries(Object.entries(tools).map(([name, version]) => [`version of ${name}`, version])),
  };
}

const text = (value: number | string | null): string | null => (value === null ? null : String(value));
