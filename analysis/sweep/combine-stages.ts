import { momentsOf } from '../statistics/moments.ts';
import { studentTQuantile } from '../statistics/student-t.ts';
import type {
  ObservedPool,
  ObservedStage,
  StageFigureName,
  StageFigures,
  SweepEstimate,
} from '../../model/sweep-figures.ts';

const confidence = 0.95;
const shares: readonly StageFigureName[] = ['errorShare', 'gcCpuShare', 'throttledShare'];

/**
 * One stage as several runs of a cell saw it. The run is the unit of replication: an estimate is the mean of the runs',
 * its interval Student's t over them, cut where the figure cannot be (below 0; a share above 1). What some run does not
 * know is not known. One run keeps its own figures, with the intervals that it has by itself.
 */
export function combineStages(runs: readonly [ObservedStage, ...(readonly ObservedStage[])]): ObservedStage {
  const [first, ...others] = runs;
  if (others.length === 0) return first;
  return {
    ...stageFigures((name) =>
      combined(
        runs.map((run) => run[name]),
        shares.includes(name) ? 1 : Number.POSITIVE_INFINITY,
      ),
    ),
    index: first.index,
    name: first.name,
    load: first.load,
    runs: runs.reduce((sum, run) => sum + run.runs, 0),
    objectives: objectivesOf(runs),
    responseTimeMs: {
      '0.5': combined(runs.map((run) => run.responseTimeMs['0.5'])),
      '0.9': combined(runs.map((run) => run.responseTimeMs['0.9'])),
      '0.99': combined(runs.map((run) => run.responseTimeMs['0.99'])),
      '0.999': combined(runs.map((run) => run.responseTimeMs['0.999'])),
    },
    pools: first.pools.map(({ name }) => combinedPool(name, runs)),
    warnings: [...new Set(runs.flatMap(({ warnings }) => warnings))],
  };
}

/** Each figure by its name. */
export function stageFigures(of: (name: StageFigureName) => SweepEstimate | null): StageFigures {
  return {
    offeredPerSecond: of('offeredPerSecond'),
    completedPerSecond: of('completedPerSecond'),
    errorShare: of('errorShare'),
    cpuCores: of('cpuCores'),
    cpuMsPerRequest: of('cpuMsPerRequest'),
    throttledShare: of('throttledShare'),
    allocBytesPerRequest: of('allocBytesPerRequest'),
    gcCpuShare: of('gcCpuShare'),
    gcCyclesPerSecond: of('gcCyclesPerSecond'),
    liveHeapBytes: of('liveHeapBytes'),
    heapGoalBytes: of('heapGoalBytes'),
    rssPeakBytes: of('rssPeakBytes'),
    goroutines: of('goroutines'),
  };
}

function combined(values: readonly (SweepEstimate | null)[], most = Number.POSITIVE_INFINITY): SweepEstimate | null {
  const known = values.flatMap((value) => (value === null ? [] : [value.estimate]));
  if (known.length < values.length || known.length < 2) return null;
  const { mean, variance } = momentsOf(known);
  const freedom = known.length - 1;
  const half = studentTQuantile((1 + confidence) / 2, freedom) * Math.sqrt(variance / known.length);
  return {
    estimate: mean,
    low: Math.max(0, mean - half),
    high: Math.min(most, mean + half),
    confidence,
    method: `mean of ${known.length} runs, Student's t with ${freedom} degree${freedom === 1 ? '' : 's'} of freedom`,
  };
}

function objectivesOf(runs: readonly ObservedStage[]): ObservedStage['objectives'] {
  const known = runs.flatMap(({ objectives }) => objectives ?? []);
  if (known.length === 0) return null;
  const sum = (of: (each: { met: number; missed: number; undecided: number }) => number): number =>
    known.reduce((total, each) => total + of(each), 0);
  return {
    met: sum(({ met }) => met),
    missed: sum(({ missed }) => missed),
    undecided: sum(({ undecided }) => undecided),
  };
}

function combinedPool(name: string, runs: readonly ObservedStage[]): ObservedPool {
  const pools = runs.map((run) => run.pools.find((pool) => pool.name === name));
  const sizes = new Set(pools.map((pool) => pool?.maxOpen ?? null));
  const over = (of: (pool: ObservedPool) => SweepEstimate | null): SweepEstimate | null =>
    combined(pools.map((pool) => (pool === undefined ? null : of(pool))));
  return {
    name,
    maxOpen: sizes.size === 1 ? ([...sizes][0] ?? null) : null,
    inUse: over(({ inUse }) => inUse),
    waitCountPerSecond: over(({ waitCountPerSecond }) => waitCountPerSecond),
    waitMsPerRequest: over(({ waitMsPerRequest }) => waitMsPerRequest),
    holdMs: over(({ holdMs }) => holdMs),
  };
}
