import { seededRandom } from '../../../model/random.ts';
import { bootstrap } from '../../statistics/bootstrap.ts';
import { percentText } from '../../percent-text.ts';
import { type CollectorBehaviour, behaviourIn, cycleCost } from './collector-cell.ts';
import type { CollectorModel } from './collector-model.ts';
import type { CollectorObservation } from './collector-observation.ts';
import { fewestCycles } from './fewest-cycles.ts';
import { fitCollector, gcCpuShareOf, regimeOf, shapeFor } from './fit-collector.ts';

/** The collector of a service as its stages showed it, with what it could as well have been. */
export interface KnownCollector {
  readonly status: 'known';
  readonly observations: readonly CollectorObservation[];
  readonly model: CollectorModel;
  /** Fitted to resamples of the stages. */
  readonly resampled: readonly CollectorModel[];
  /** Observed over predicted of each stage, by quantity, with what fitting took from them given back. */
  readonly deviations: Readonly<Record<PredictedQuantity, readonly number[]>>;
  readonly lowestRate: number;
  readonly highestRate: number;
  readonly processors: number;
  readonly warnings: readonly CollectorDoubt[];
}

export type PredictedQuantity =
  | 'liveHeap'
  | 'heapGoal'
  | 'allocatedPerSecond'
  | 'cyclesPerSecond'
  | 'gcCpuShare'
  | 'peakRuntimeBytes';

export interface CollectorDoubt {
  readonly code:
    | 'few-gc-cycles'
    | 'gc-cpu-scatters'
    | 'gc-cpu-unknown'
    | 'memory-unknown'
    | 'memory-from-rss'
    | 'not-linear'
    | 'goal-differs';
  readonly message: string;
}

/** Nothing can be said of settings that were not measured. */
export interface UnknownCollector {
  readonly status: 'unknown';
  readonly reasons: readonly CollectorRefusal[];
}

export interface CollectorRefusal {
  readonly code:
    | 'no-observation'
    | 'not-a-number'
    | 'few-load-stages'
    | 'one-gogc'
    | 'processors-differ'
    | 'not-determined';
  readonly message: string;
}

/**
 * The collector of one service from stages of one or several runs: three levels of load and two settings of GOGC at least.
 * Intervals come from refitting resampled stages (bootstrap) and from how far each stage was off.
 */
export function knowCollector(
  observations: readonly CollectorObservation[],
  { resamples = 400, seed = 1 }: { readonly resamples?: number; readonly seed?: number } = {},
): KnownCollector | UnknownCollector {
  const reasons = refusalsOf(observations);
  if (reasons.length > 0) return { status: 'unknown', reasons };
  const shape = shapeFor(observations);
  const model = fitCollector(observations, shape);
  if (model === null)
    return {
      status: 'unknown',
      reasons: [{ code: 'not-determined', message: 'the stages do not determine the model: they are too much alike' }],
    };
  const resampled: CollectorModel[] = [];
  bootstrap(observations.length, resamples, seededRandom(seed), (drawn) => {
    const refitted = fitCollector(
      drawn.flatMap((index) => observations[index] ?? []),
      shape,
    );
    if (refitted === null) return null;
    return resampled.push(refitted);
  });
  const rates = observations.map(({ requestsPerSecond }) => requestsPerSecond);
  return {
    status: 'known',
    observations,
    model,
    resampled,
    deviations: deviationsOf(observations, model),
    lowestRate: Math.min(...rates),
    highestRate: Math.max(...rates),
    processors: observations[0]?.settings.processors ?? 0,
    warnings: doubtsOf(observations, model),
  };
}

/** All that stands against a fit, at once. */
function refusalsOf(observations: readonly CollectorObservation[]): readonly CollectorRefusal[] {
  if (observations.length === 0)
    return [
      {
        code: 'no-observation',
        message:
          'no stage shows the garbage collector: a valid hold with collections in it is needed, of a target that exposes its runtime metrics',
      },
    ];
  const reasons: CollectorRefusal[] = observations.flatMap((each) => {
    const wrong = notNumbers(each);
    return wrong.length === 0
      ? []
      : [{ code: 'not-a-number', message: `stage ${each.name} of run ${each.run}: ${wrong.join(', ')}` }];
  });
  const loads = distinct(observations.map(({ requestsPerSecond }) => requestsPerSecond));
  if (loads < fewestLoads)
    reasons.push({
      code: 'few-load-stages',
      message: `${loads} level${loads === 1 ? '' : 's'} of load; it takes ${fewestLoads} to see how allocation and live heap grow with it: --rate 200 --to 600 --step 200`,
    });
  const settings = new Set(observations.map((each) => each.settings.gogcPercent));
  if (settings.size < 2)
    reasons.push({
      code: 'one-gogc',
      message: `all stages ran at GOGC ${[...settings].map(gogcText).join()}; it takes another one to see what a collection costs: run the same once more with GOGC=${settings.has(200) ? 100 : 200} in the target's environment`,
    });
  if (new Set(observations.map((each) => each.settings.processors)).size > 1)
    reasons.push({
      code: 'processors-differ',
      message: 'the stages ran with different GOMAXPROCS: give runs of one setting',
    });
  return reasons;
}

export const gogcText = (percent: number): string => (Number.isFinite(percent) ? String(percent) : 'off');

function notNumbers(each: CollectorObservation): readonly string[] {
  const positive: Readonly<Record<string, number | null>> = {
    requestsPerSecond: each.requestsPerSecond,
    allocatedPerSecond: each.allocatedPerSecond,
    cyclesPerSecond: each.cyclesPerSecond,
    'liveHeap.mean': each.liveHeap.mean,
    'liveHeap.p95': each.liveHeap.p95,
    'heap goal beyond the live heap': each.heapGoalBytes - each.liveHeap.mean,
    cpuMsPerCycle: each.cpuMsPerCycle,
    peakRuntimeBytes: each.peakRuntimeBytes,
    scannedBytes: each.scannedBytes,
    processors: each.settings.processors,
  };
  const notNegative: Readonly<Record<string, number | null>> = {
    rootsBytes: each.rootsBytes,
    nonHeapBytes: each.nonHeapBytes,
    nonGoBytes: each.nonGoBytes,
  };
  const settings: Readonly<Record<string, number>> = {
    gogcPercent: each.settings.gogcPercent,
    memoryLimitBytes: each.settings.memoryLimitBytes,
  };
  return [
    ...Object.entries(positive).flatMap(([name, value]) =>
      value === null || (value > 0 && Number.isFinite(value)) ? [] : [`${name} is ${value}, no number above 0`],
    ),
    ...Object.entries(notNegative).flatMap(([name, value]) =>
      value === null || (value >= 0 && Number.isFinite(value)) ? [] : [`${name} is ${value}, no size`],
    ),
    ...Object.entries(settings).flatMap(([name, value]) => (value > 0 ? [] : [`${name} is ${value}`])),
  ];
}

/** How many levels of load; neighbours within 5 % are one. */
function distinct(rates: readonly number[]): number {
  let levels = 0;
  let last = -Infinity;
  for (const rate of rates.toSorted((one, other) => one - other)) {
    if (rate <= last * (1 + sameLevel)) continue;
    levels++;
    last = rate;
  }
  return levels;
}

function deviationsOf(
  observations: readonly CollectorObservation[],
  model: CollectorModel,
): KnownCollector['deviations'] {
  // Residuals are smaller than errors by what was fitted: two parameters for each quantity.
  const inflation = Math.sqrt(observations.length / Math.max(1, observations.length - 2));
  const deviations: Record<PredictedQuantity, number[]> = {
    liveHeap: [],
    heapGoal: [],
    allocatedPerSecond: [],
    cyclesPerSecond: [],
    gcCpuShare: [],
    peakRuntimeBytes: [],
  };
  for (const each of observations) {
    const behaviour = behaviourIn(model, { ...each.settings, requestsPerSecond: each.requestsPerSecond });
    if (behaviour.regime === 'thrash') continue;
    const observed: Record<PredictedQuantity, number | null> = {
      liveHeap: each.liveHeap.mean,
      heapGoal: each.heapGoalBytes,
      allocatedPerSecond: each.allocatedPerSecond,
      cyclesPerSecond: each.cyclesPerSecond,
      gcCpuShare: gcCpuShareOf(each),
      peakRuntimeBytes: each.peakRuntimeBytes,
    };
    for (const quantity of predictedQuantities) {
      const [seen, predicted] = [observed[quantity], behaviour[quantity]];
      if (seen !== null && predicted !== null && predicted > 0)
        deviations[quantity].push((seen / predicted) ** inflation);
    }
  }
  return deviations;
}

export const predictedQuantities = [
  'liveHeap',
  'heapGoal',
  'allocatedPerSecond',
  'cyclesPerSecond',
  'gcCpuShare',
  'peakRuntimeBytes',
] as const satisfies readonly (keyof CollectorBehaviour)[];

function doubtsOf(observations: readonly CollectorObservation[], model: CollectorModel): readonly CollectorDoubt[] {
  const doubts: CollectorDoubt[] = [];
  const few = observations.filter(({ cycles }) => cycles < fewestCycles);
  if (few.length > 0)
    doubts.push({
      code: 'few-gc-cycles',
      message: `${few.length} of ${observations.length} stages saw fewer than ${fewestCycles} collections (${few.map(({ name, cycles }) => `${name}: ${cycles}`).join(', ')}): their figures are rough, hold them longer`,
    });
  if (model.cost === null)
    doubts.push({
      code: 'gc-cpu-unknown',
      message:
        'not every stage tells the CPU time of collections, so GC CPU is not predicted: expose /cpu/classes of runtime/metrics, or start the target with GODEBUG=gctrace=1',
    });
  const [least, most] = costRange(observations, model);
  if (most > least * costWithin)
    doubts.push({
      code: 'gc-cpu-scatters',
      message: `collections of one run cost ${(most / least).toFixed(1)} times those of another: other programs use the processors, and Go counts the time in which marking waits for one; GC CPU is rough, the other figures are not touched`,
    });
  if (model.peak === null)
    doubts.push({
      code: 'memory-unknown',
      message:
        'not every stage tells the memory of the runtime, so peak memory is not predicted: expose /memory/classes of runtime/metrics',
    });
  else if (observations.some(({ memoryFrom }) => memoryFrom === 'resident'))
    doubts.push({
      code: 'memory-from-rss',
      message:
        'no metric tells the memory of the runtime: all that is resident counts as its own, which is more than it has',
    });
  const off = allocationOff(observations, model);
  if (off > linearWithin)
    doubts.push({
      code: 'not-linear',
      message: `what is allocated does not follow the load in a straight line (up to ${percentText(off)} off): errors answered quickly, caching, or another mix of requests at some levels`,
    });
  const differing = observations.filter((each) => regimeOf(each) === 'gogc' && goalDeviation(each) > goalWithin);
  if (differing.length > 0)
    doubts.push({
      code: 'goal-differs',
      message: `the heap goal of ${differing.map(({ name }) => name).join(', ')} is not what live heap, roots and GOGC make it: GOGC or GOMEMLIMIT may have been changed while it ran`,
    });
  return doubts;
}

/** Cheapest and dearest run: cost of its collections over what the model makes of them. */
function costRange(observations: readonly CollectorObservation[], { cost }: CollectorModel): readonly [number, number] {
  if (cost === null) return [1, 1];
  const means = [...Map.groupBy(observations, ({ run }) => run).values()].map((stages) => {
    const ratios = stages.map(
      ({ cpuMsPerCycle, liveHeap, rootsBytes, requestsPerSecond }) =>
        (cpuMsPerCycle ?? 0) / cycleCost(cost, liveHeap.mean + rootsBytes, requestsPerSecond),
    );
    return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  });
  return [Math.min(...means), Math.max(...means)];
}

function allocationOff(observations: readonly CollectorObservation[], { allocation }: CollectorModel): number {
  return observations.reduce((most, each) => {
    const line = allocation.base + allocation.perRequest * each.requestsPerSecond;
    return Math.max(most, Math.abs(each.allocatedPerSecond / line - 1));
  }, 0);
}

function goalDeviation({ liveHeap, rootsBytes, settings, heapGoalBytes }: CollectorObservation): number {
  const byGogc = liveHeap.mean + ((liveHeap.mean + rootsBytes) * settings.gogcPercent) / 100;
  return Math.abs(byGogc / heapGoalBytes - 1);
}

const fewestLoads = 3;
const sameLevel = 0.05;
const linearWithin = 0.1;
const costWithin = 1.5;
/** Means of readings, not of collections, and roots of another instant: wider than the identity's 2 %. */
const goalWithin = 0.1;
