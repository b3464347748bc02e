import type { RunRecord } from '../../../model/run-record.ts';
import type { Series } from '../../../model/series.ts';
import { type EpochMilliseconds, between, bytes, milliseconds, rateOf, seconds } from '../../../model/units.ts';
import type { StageAnalysis } from '../../analysis.ts';
import { StageReadings } from '../../analyzers/stage-readings.ts';
import { decodeRecord } from '../../decode-record.ts';
import type { GcTraceCycle } from '../../metrics/gctrace-line.ts';
import { type TimeWindow, maximumIn, meanIn, pointsIn, valueAt } from '../../metrics/series-window.ts';
import type { Signal } from '../../metrics/signal.ts';
import type { TargetSignals } from '../../metrics/target-signals.ts';
import { quantile } from '../../statistics/quantile.ts';
import { Completions } from '../../traffic/completions.ts';
import type { StageTraffic } from '../../traffic/decode-traffic.ts';
import type { CollectorObservation } from './collector-observation.ts';
import type { CollectorSettings } from './collector-settings.ts';
import { liveHeapReadings } from './live-heap-readings.ts';
import { nonHeapSeries } from './non-heap-series.ts';
import { settingsIn } from './observed-settings.ts';

/** The collector in a run's stages, and why the others show nothing of it. */
export interface ObservedCollector {
  readonly observations: readonly CollectorObservation[];
  readonly missing: readonly { readonly run: string; readonly stage: string; readonly reason: string }[];
}

/**
 * What the valid stages of a run that hold a rate show of the garbage collector, from the best there is: runtime/metrics,
 * MemStats, gctrace. Counters are read from one end of a collection to another, since `/cpu/classes` move only then.
 *
 * @param stages of the run's analysis
 */
export function observeCollector(record: RunRecord, stages: readonly StageAnalysis[]): ObservedCollector {
  const { signals, traffic, scrapes } = decodeRecord(record);
  const run = record.id;
  if (signals?.status !== 'captured' || traffic?.status !== 'captured' || scrapes?.status !== 'captured')
    return { observations: [], missing: [{ run, stage: '', reason: 'no metrics of the target, or no traffic' }] };
  const completions = new Completions(traffic.value);
  const traced = scrapes.value.sources.flatMap(({ gcCycles }) => gcCycles);
  const observations: CollectorObservation[] = [];
  const missing: { run: string; stage: string; reason: string }[] = [];
  for (const { index, name, kind, validity } of stages) {
    const stage = traffic.value.stages.find((each) => each.index === index);
    if (kind !== 'hold' || stage === undefined) continue;
    const observed =
      validity.status === 'valid'
        ? observeStage(record, signals.value, traced, stage, completions)
        : `the stage is ${validity.status}: ${validity.reasons.join(', ')}`;
    if (typeof observed === 'string') missing.push({ run, stage: name, reason: observed });
    else observations.push({ run, stage: index, name, ...observed });
  }
  return { observations, missing };
}

type Observed = Omit<CollectorObservation, 'run' | 'stage' | 'name'>;

/** @returns the reason where the stage does not show enough */
function observeStage(
  record: RunRecord,
  signals: TargetSignals,
  traced: readonly GcTraceCycle[],
  stage: StageTraffic,
  completions: Completions,
): Observed | string {
  const readings = new StageReadings(record.startedAt, stage, completions);
  const settings = settingsIn(signals, record.environment.target, readings.window);
  if (typeof settings === 'string') return settings;
  const ends = signals.gc.cycles === null ? null : collectionEnds(signals.gc.cycles.series, readings.window);
  if (ends === null) return `fewer than ${fewestEnds} collections, or none that any metric tells of: hold it longer`;
  if (signals.restarts.restarts.some(({ at }) => at >= ends.from && at <= ends.to))
    return 'the target began anew in it';
  const duration = between(ends.from, ends.to);
  const allocated =
    increaseOf(signals.memory.allocBytes, ends) ?? allocatedByTrace(traced, ends, signals.memory.allocBytes);
  if (allocated === null) return 'no metric tells what is allocated';
  const { readings: live, roots, source } = liveHeapReadings(signals, settings, ends);
  const [mean, p95] = [live === null ? null : meanOf(live), live === null ? null : quantile(live, 0.95)];
  const goal = signals.memory.heapGoalBytes;
  const goalMean = goal === null ? null : meanIn(goal.series, ends);
  if (mean === null || p95 === null || goalMean === null) return 'no metric tells the live heap and its goal';
  const memory = memoryIn(signals, readings.window, goalMean);
  const cost = costOf(record, signals, settings, ends);
  return {
    source,
    settings,
    requestsPerSecond: rateOf(completions.in(ends.from, ends.to), duration),
    durationMs: duration,
    cycles: ends.cycles,
    cyclesPerSecond: rateOf(ends.cycles, duration),
    allocatedPerSecond: rateOf(allocated, duration),
    cpuMsPerCycle: cost === null ? null : milliseconds(cost.totalMs / ends.cycles),
    assistShare: cost === null || cost.assistMs === null ? null : cost.assistMs / cost.totalMs,
    liveHeap: { mean: bytes(mean), p95: bytes(p95) },
    liveHeapGrowthPerHour: growthOf(readings.slope(signals.memory.liveHeapBytes), mean),
    heapGoalBytes: bytes(goalMean),
    rootsBytes: bytes(roots),
    scannedBytes: bytesOrNull(signals.memory.scannableBytes, ends),
    ...memory,
  };
}

/** @param slope bytes per millisecond */
const growthOf = (slope: number | null, mean: number): number | null =>
  slope === null ? null : (slope * seconds(secondsPerHour)) / mean;

const secondsPerHour = 3600;

interface CollectionEnds extends TimeWindow {
  readonly cycles: number;
}

/** From the first reading at which a collection had just ended to the last; null with fewer than two collections between. */
function collectionEnds(cycles: Series, window: TimeWindow): CollectionEnds | null {
  const points = pointsIn(cycles, window);
  const changes = points.filter(({ value }, index) => index > 0 && value !== points[index - 1]?.value);
  const [first, last] = [changes[0], changes.at(-1)];
  if (first === undefined || last === undefined || last.value - first.value < fewestEnds) return null;
  return { from: first.at, to: last.at, cycles: last.value - first.value };
}

const fewestEnds = 2;

/** Between the newest readings at the two instants; null where it is not known, or went backwards. */
function increaseOf(signal: Signal | null, { from, to }: TimeWindow): number | null {
  if (signal === null) return null;
  const [before, now] = [valueAt(signal.series, from), valueAt(signal.series, to)];
  return before === null || now === null || now < before ? null : now - before;
}

/** What each collection found beyond what the one before had left; whole MiB, rounded down alike. */
function allocatedByTrace(
  traced: readonly GcTraceCycle[],
  { from, to }: TimeWindow,
  counted: Signal | null,
): number | null {
  if (counted !== null || traced.length === 0) return null;
  let sum = 0;
  for (const [index, cycle] of traced.entries()) {
    const before = traced[index - 1];
    if (cycle.at <= from || cycle.at > to) continue;
    if (before === undefined || cycle.cycle !== before.cycle + 1) return null;
    sum += cycle.heapAtEndBytes - before.heapMarkedBytes;
  }
  return sum;
}

interface CollectorCost {
  readonly totalMs: number;
  readonly assistMs: number | null;
}

function costOf(
  record: RunRecord,
  { gc, process }: TargetSignals,
  { processors }: CollectorSettings,
  ends: CollectionEnds,
): CollectorCost | null {
  if (gc.cpu !== null) {
    const [total, idle] = [increaseOf(gc.cpu.totalMs, ends), increaseOf(gc.cpu.idleMs, ends)];
    // Without idle marking told apart the cost would hold what costs nothing.
    if (total === null || idle === null || total <= idle) return null;
    return { totalMs: total - idle, assistMs: increaseOf(gc.cpu.assistMs, ends) };
  }
  const share = gc.cpuShareSinceStart;
  const began = process.startedAt?.series.values.at(-1) ?? launchedAt(record);
  if (share === null || began === null) return null;
  const used = (at: EpochMilliseconds): number | null => {
    const part = valueAt(share.series, at);
    return part === null ? null : part * (at - began) * processors;
  };
  const [before, now] = [used(ends.from), used(ends.to)];
  return before === null || now === null || now <= before ? null : { totalMs: now - before, assistMs: null };
}

/** A launched target began with its run; an error here counts only by how much the share changes. */
const launchedAt = ({ plan, startedAt }: RunRecord): number | null =>
  plan.target.kind === 'launch' ? startedAt : null;

function memoryIn(
  { memory, process }: TargetSignals,
  window: TimeWindow,
  heapGoal: number,
): Pick<CollectorObservation, 'memoryFrom' | 'nonHeapBytes' | 'peakRuntimeBytes' | 'nonGoBytes'> {
  const runtime = memory.runtimeBytes?.series ?? null;
  const resident = process.rssBytes?.series ?? null;
  if (runtime === null) {
    const [peak, mean] = resident === null ? [null, null] : [maximumIn(resident, window), meanIn(resident, window)];
    if (peak === null || mean === null)
      return { memoryFrom: 'runtime', nonHeapBytes: null, peakRuntimeBytes: null, nonGoBytes: null };
    // All that is resident counts as the runtime's, which is more than it has.
    return {
      memoryFrom: 'resident',
      nonHeapBytes: bytes(Math.max(0, mean - heapGoal)),
      peakRuntimeBytes: bytes(peak),
      nonGoBytes: bytes(0),
    };
  }
  const peak = maximumIn(runtime, window);
  const rest = nonHeapSeries(memory);
  const nonHeap = rest === null ? null : meanIn(rest, window);
  const beyond =
    resident === null
      ? []
      : pointsIn(resident, window).flatMap(({ at, value }) => {
          const own = valueAt(runtime, at);
          return own === null ? [] : [Math.max(0, value - own)];
        });
  const nonGo = quantile(beyond, 0.99);
  return {
    memoryFrom: 'runtime',
    nonHeapBytes: nonHeap === null ? null : bytes(Math.max(0, nonHeap)),
    peakRuntimeBytes: peak === null ? null : bytes(peak),
    nonGoBytes: nonGo === null ? null : bytes(nonGo),
  };
}

function bytesOrNull(signal: Signal | null, window: TimeWindow): CollectorObservation['scannedBytes'] {
  const mean = signal === null ? null : meanIn(signal.series, window);
  return mean === null ? null : bytes(mean);
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
