import type { Estimate } from '../../model/finding.ts';
import type { Plan } from '../../model/plan.ts';
import type { Environment } from '../../model/run-record.ts';
import { type Bytes, type Ratio, between, bytes, inSeconds, milliseconds, ratio, seconds } from '../../model/units.ts';
import type { TargetAnalysis, Warning } from '../analysis.ts';
import type { Signal } from '../metrics/signal.ts';
import type { TargetSignals } from '../metrics/target-signals.ts';
import { Completions } from '../traffic/completions.ts';
import { defineAnalyzer } from './analyzer.ts';
import { databaseFigures } from './target-database.ts';
import { confidence } from './latency-quantiles.ts';
import { StageReadings } from './stage-readings.ts';
import type { TargetFigures } from './target-figures.ts';
import { collectorFigures, histogramBounds, upperEnd } from './target-gc.ts';
import { poolFigures } from './target-pools.ts';
import { hostBusyShare, processorsAvailable } from './target-processors.ts';
import { warn } from './warn.ts';

/** A slope needs a while: over a few seconds it is noise, told per minute it would be blown up. */
const shortestSlope = seconds(20);
/** Fewer collections than this make their figures rough. */
const fewestCycles = 20;

/**
 * Costs per request and state of the target in the steady window of each stage. Counters are taken between their first
 * and last reading inside it, and divided by the requests that were answered between these same two instants.
 */
export const targetPerStage = defineAnalyzer({
  name: 'target-per-stage',
  needs: ['plan', 'environment', 'traffic', 'signals'],
  wants: [],
  answer: ({ plan, environment, traffic, signals }): readonly TargetFigures[] => {
    const completions = new Completions(traffic);
    return traffic.stages.map((stage) =>
      figuresOf(signals, new StageReadings(traffic.measurement.startedAt, stage, completions), plan, environment),
    );
  },
});

function figuresOf(
  signals: TargetSignals,
  readings: StageReadings,
  plan: Plan,
  environment: Environment,
): TargetFigures {
  const { process, memory, gc, scheduler, cgroup, sockets } = signals;
  const collector = collectorFigures(signals, readings);
  const schedulingP99 = histogramBounds(scheduler.latency, readings);
  const limit = environment.target.memoryLimitBytes ?? readings.maximum(cgroup.memoryLimitBytes);
  const target: TargetAnalysis = {
    cpuMsPerRequest: readings.perRequest(process.cpuMs),
    cpuCores: coresUsed(readings.perSecond(process.cpuMs)),
    cpuCoresAvailable: processorsAvailable(signals, readings, plan, environment),
    allocBytesPerRequest: readings.perRequest(memory.allocBytes),
    allocObjectsPerRequest: readings.perRequest(memory.allocObjects),
    gcCpuShare: collector.cpuShare,
    gcCyclesPerSecond: readings.perSecond(gc.cycles),
    gcPauseMs: { '0.99': inMilliseconds(upperEnd(collector.pauseP99)) },
    liveHeapBytes: inBytes(readings.mean(memory.liveHeapBytes)),
    heapGoalBytes: inBytes(readings.mean(memory.heapGoalBytes)),
    rssBytes: inBytes(readings.mean(process.rssBytes)),
    goroutines: readings.mean(scheduler.goroutines),
    threads: readings.mean(process.threads),
    openFiles: readings.mean(process.openFiles),
    schedulingLatencyMs: { '0.99': inMilliseconds(upperEnd(schedulingP99)) },
    mutexWaitMsPerSecond: readings.perSecond(scheduler.mutexWaitMs),
    contextSwitchesPerRequest: contextSwitches(signals, readings),
    throttledShare: asRatio(readings.share(cgroup.throttledPeriods, cgroup.periods)),
    pools: signals.pools.map((pool) => poolFigures(pool, readings)),
    database: databaseFigures(signals.postgres, readings),
  };
  return {
    target,
    gcCpu: collector.cpu,
    peakGoroutines: peak(scheduler.goroutines, readings),
    peakRss: peak(process.rssBytes, readings),
    memoryLimitBytes: inBytes(limit),
    rssGrowthPerMinute: asRatio(growthPerMinute(process.rssBytes, readings, target.rssBytes)),
    goroutinesPerMinute: growthPerMinute(scheduler.goroutines, readings, 1),
    hostCpuShare: hostBusyShare(signals, readings, plan, environment),
    schedulingP99,
    gcPauseP99: collector.pauseP99,
    acceptOverflows: readings.increase(sockets.acceptOverflows)?.value ?? null,
    goMemoryLimitBytes: gc.memoryLimitBytes?.series.values.at(-1) ?? null,
    gomaxprocs: readings.mean(scheduler.gomaxprocs),
    warnings: plan.loadProfile.stages[readings.stage]?.kind === 'hold' ? doubts(readings, collector.cycles) : [],
  };
}

function doubts({ restarted, stage }: StageReadings, cycles: number | null): Warning[] {
  const warnings: Warning[] = [];
  if (restarted.size > 0)
    warnings.push(
      warn('counter-restarted', `went backwards in the steady window: ${[...restarted].join(', ')}`, stage),
    );
  if (cycles !== null && cycles < fewestCycles)
    warnings.push(warn('few-gc-cycles', `only ${cycles} garbage collections in the steady window`, stage));
  return warnings;
}

/** CPU milliseconds per second are thousandths of a processor. */
function coresUsed(cpuMsPerSecond: number | null): number | null {
  return cpuMsPerSecond === null ? null : inSeconds(milliseconds(cpuMsPerSecond));
}

function contextSwitches({ process }: TargetSignals, readings: StageReadings): number | null {
  const [own, forced] = [
    readings.perRequest(process.voluntaryContextSwitches),
    readings.perRequest(process.involuntaryContextSwitches),
  ];
  return own === null || forced === null ? null : own + forced;
}

/** A ceiling is missed by one reading, so there is nothing to estimate: the interval is the reading. */
function peak(signal: Signal | null, readings: StageReadings): Estimate | null {
  const largest = readings.maximum(signal);
  const method = `largest of ${readings.readings(signal)} readings`;
  return largest === null ? null : { estimate: largest, low: largest, high: largest, confidence, method };
}

function growthPerMinute(signal: Signal | null, readings: StageReadings, relativeTo: number | null): number | null {
  const { from, to } = readings.window;
  if (between(from, to) < shortestSlope || relativeTo === null || relativeTo === 0) return null;
  const perMillisecond = readings.slope(signal);
  return perMillisecond === null ? null : (perMillisecond * seconds(secondsInMinute)) / relativeTo;
}

const secondsInMinute = 60;

const inBytes = (value: number | null): Bytes | null => (value === null ? null : bytes(value));
const inMilliseconds = (value: number | null): ReturnType<typeof milliseconds> | null =>
  value === null ? null : milliseconds(value);
const asRatio = (value: number | null): Ratio | null => (value === null ? null : ratio(value));
