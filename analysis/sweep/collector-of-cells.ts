import type { CellPrediction, CellSettings, Factor, Recommendation } from '../../model/sweep-figures.ts';
import { bytes, inMebibytes, parseSize } from '../../model/units.ts';
import { type KnownCollector, knowCollector } from '../models/garbage-collector/known-collector.ts';
import { type CollectorPrediction, predictCollector } from '../models/garbage-collector/predict-collector.ts';
import { sizeCollector } from '../sizing/gc/size-collector.ts';
import { sameSettings } from './same-settings.ts';
import type { SweepRun } from './sweep-run.ts';

/** What of the launched target decides about its collector beside the factors. */
export interface SweptTarget {
  /** As each cell has it where no factor sets it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of its container; null: none is set. */
  readonly memoryLimitBytes: number | null;
}

/** The model of the garbage collector over a sweep's cells, or why there is none. */
export type CollectorOfCells =
  | { readonly status: 'known'; readonly predict: Predict; readonly recommend: Recommend }
  | { readonly status: 'unknown'; readonly reason: string };

type Predict = (settings: CellSettings, requestsPerSecond: number) => CellPrediction;
type Recommend = (requestsPerSecond: number) => {
  readonly recommended: Recommendation | null;
  readonly reason: string;
};

const modelled = ['GOGC', 'GOMEMLIMIT'];

/**
 * Fits the model of the garbage collector to all cells. A cell is predicted from the runs of the other cells, so that its
 * own measurement tests the model; where the others do not determine it, from all.
 */
export function collectorOfCells(
  runs: readonly SweepRun[],
  factors: readonly Factor[],
  target: SweptTarget,
  seed: number,
): CollectorOfCells {
  const others = factors.filter(({ name }) => !modelled.includes(name)).map(({ name }) => name);
  if (others.length > 0)
    return {
      status: 'unknown',
      reason: `there is a model for GOGC and GOMEMLIMIT alone, and ${others.join(', ')} varies as well`,
    };
  const all = knowCollector(
    runs.flatMap(({ collector }) => collector),
    { seed },
  );
  if (all.status === 'unknown')
    return { status: 'unknown', reason: all.reasons.map(({ message }) => message).join('; ') };
  return {
    status: 'known',
    predict: (settings, requestsPerSecond) => {
      const rest = knowCollector(
        runs.filter((run) => !sameSettings(run.settings, settings)).flatMap(({ collector }) => collector),
        { seed, resamples: heldOutResamples },
      );
      return rest.status === 'known'
        ? predictionAt(rest, 'other-cells', settings, target, requestsPerSecond)
        : predictionAt(all, 'all-cells', settings, target, requestsPerSecond);
    },
    recommend: (requestsPerSecond) => recommendedBy(all, target, requestsPerSecond),
  };
}

/** Of each cell's own fit: enough for the ends of an interval, and a sweep of twelve cells is told at once. */
const heldOutResamples = 200;

function predictionAt(
  collector: KnownCollector,
  basis: CellPrediction['basis'],
  settings: CellSettings,
  { environment }: SweptTarget,
  requestsPerSecond: number,
): CellPrediction {
  const gogcPercent = percentOf(settings['GOGC'] ?? environment['GOGC'] ?? '');
  const memoryLimitBytes = limitOf(settings['GOMEMLIMIT'] ?? environment['GOMEMLIMIT'] ?? '');
  const prediction = predictCollector(collector, { gogcPercent, memoryLimitBytes, requestsPerSecond });
  return said(prediction, basis, collector);
}

/** As Go reads them: nothing is 100, and no limit. */
const percentOf = (text: string): number => (text === 'off' ? Infinity : text === '' ? 100 : Number(text));
const limitOf = (text: string): number =>
  text === 'off' || text === '' ? Infinity : parseSize(/^\d+$/.test(text) ? `${text}B` : text);

function said(
  prediction: CollectorPrediction,
  basis: CellPrediction['basis'],
  collector: KnownCollector,
): CellPrediction {
  if (prediction.status !== 'predicted')
    return {
      status: 'refused',
      reason: prediction.reason,
      basis,
      regime: prediction.status === 'thrash' ? 'thrash' : null,
      gcCpuShare: null,
      gcCyclesPerSecond: null,
      liveHeapBytes: null,
      heapGoalBytes: null,
      rssPeakBytes: null,
    };
  const { gcCpuShare, cyclesPerSecond, liveHeap, heapGoal, peakRuntimeBytes: peak } = prediction;
  // What is resident beside the runtime's memory does not depend on its settings.
  const beside = Math.max(0, ...collector.observations.map(({ nonGoBytes }) => nonGoBytes ?? 0));
  return {
    status: 'predicted',
    reason: '',
    basis,
    regime: prediction.regime,
    gcCpuShare,
    gcCyclesPerSecond: cyclesPerSecond,
    liveHeapBytes: liveHeap,
    heapGoalBytes: heapGoal,
    rssPeakBytes:
      peak === null
        ? null
        : { ...peak, estimate: peak.estimate + beside, low: peak.low + beside, high: peak.high + beside },
  };
}

function recommendedBy(
  collector: KnownCollector,
  target: SweptTarget,
  requestsPerSecond: number,
): ReturnType<Recommend> {
  if (target.memoryLimitBytes === null)
    return {
      recommended: null,
      reason: "no container is set to fit into: write its memory into the scenario, target.memory: '512MiB'",
    };
  const sizing = sizeCollector({
    collector,
    containerBytes: target.memoryLimitBytes,
    requestsPerSecond,
    cpuBudget: null,
    exclusive: false,
  });
  if (sizing.status === 'refused') return { recommended: null, reason: sizing.reason };
  const { gogcPercent, limit, predicted, doubts } = sizing;
  return {
    recommended: {
      settings: { GOGC: String(gogcPercent), GOMEMLIMIT: `${inMebibytes(bytes(limit.memoryLimitBytes))}MiB` },
      predicted: said(predicted, 'all-cells', collector),
      doubts: doubts.map(({ message }) => message),
    },
    reason: '',
  };
}
