import type { Estimate } from '../model/finding.ts';
import {
  type CollectorParameters,
  collectorParameters,
} from '../analysis/models/garbage-collector/collector-parameters.ts';
import type {
  CollectorRefusal,
  CollectorDoubt,
  KnownCollector,
} from '../analysis/models/garbage-collector/known-collector.ts';
import { heldOutBehaviour } from '../analysis/models/garbage-collector/held-out-behaviour.ts';
import type { CollectorBehaviour, Thrash } from '../analysis/models/garbage-collector/collector-cell.ts';
import type { CollectorObservation } from '../analysis/models/garbage-collector/collector-observation.ts';
import type { ObservedCollector } from '../analysis/models/garbage-collector/observe-collector.ts';
import type { OnsetRate } from '../analysis/models/garbage-collector/predict-collector.ts';
import { regimeOf, gcCpuShareOf } from '../analysis/models/garbage-collector/fit-collector.ts';
import type { CollectorSizing, Predicted, SizingDoubt } from '../analysis/sizing/gc/size-collector.ts';
import { inMebibytes, bytes } from '../model/units.ts';

export interface GcAsked {
  readonly runs: readonly string[];
  readonly memoryLimitBytes: number;
  readonly requestsPerSecond: number;
  readonly gcCpuBudget: number | null;
  readonly exclusive: boolean;
}

export interface GcWarning {
  readonly code:
    | CollectorRefusal['code']
    | CollectorDoubt['code']
    | SizingDoubt['code']
    | Extract<CollectorSizing, { status: 'refused' }>['code']
    | 'stage-left-out'
    | 'runs-differ';
  readonly message: string;
}

/** What `plimsoll size gc --json` prints, `schema` apart; without an answer the figures are null. */
export interface GcFigures {
  readonly runs: readonly string[];
  readonly asked: Omit<GcAsked, 'runs'>;
  readonly recommended: {
    readonly gogc: number;
    readonly goMemLimitBytes: number;
    readonly meetsBudget: boolean | null;
    /** As lines for the environment of the process. */
    readonly environment: readonly string[];
  } | null;
  readonly predicted: {
    readonly gcCpuShare: Estimate | null;
    readonly gcCyclesPerSecond: Estimate | null;
    /** What counts against GOMEMLIMIT. */
    readonly peakMemoryBytes: Estimate | null;
    readonly liveHeapBytes: Estimate | null;
    readonly heapGoalBytes: Estimate | null;
    readonly allocatedBytesPerSecond: Estimate | null;
  };
  /** Null where nothing is known of the collector. */
  readonly regime: 'floor' | 'gogc' | 'limit' | 'thrash' | null;
  readonly pareto: readonly {
    readonly gogc: number;
    readonly goMemLimitBytes: number;
    readonly peakMemoryBytes: Estimate | null;
    readonly gcCpuShare: Estimate | null;
    readonly regime: Predicted['regime'];
  }[];
  /** GOGC from which on 10 % more memory save less than 1 % of the processors. */
  readonly enoughGogc: number | null;
  readonly crossoverRatePerSecond: OnsetRate | null;
  readonly assistFreeRatePerSecond: OnsetRate | null;
  readonly gogcOff: { readonly allowed: boolean; readonly against: readonly string[] } | null;
  /** What the container's limit is divided into. */
  readonly memory: { readonly nonGoBytes: number | null; readonly headroomBytes: number } | null;
  readonly parameters: CollectorParameters | null;
  readonly stages: readonly GcStage[];
  readonly method: string;
  readonly assumptions: readonly string[];
  readonly warnings: readonly GcWarning[];
}

/** What a stage showed, beside what the model makes of it from the other runs. */
export interface GcStage {
  readonly run: string;
  readonly name: string;
  readonly source: CollectorObservation['source'];
  readonly gogc: number | null;
  readonly goMemLimitBytes: number | null;
  readonly requestsPerSecond: number;
  readonly cycles: number;
  readonly cyclesPerSecond: number;
  readonly allocatedBytesPerSecond: number;
  readonly liveHeapBytes: number;
  readonly heapGoalBytes: number;
  readonly peakMemoryBytes: number | null;
  readonly gcCpuShare: number | null;
  readonly assistShare: number | null;
  readonly regime: 'floor' | 'gogc' | 'limit';
  /** Null where the other runs don't tell. */
  readonly heldOut: {
    readonly cyclesPerSecond: number;
    readonly liveHeapBytes: number;
    readonly heapGoalBytes: number;
    readonly peakMemoryBytes: number | null;
    readonly gcCpuShare: number | null;
    readonly regime: 'floor' | 'gogc' | 'limit';
  } | null;
}

const noPrediction: GcFigures['predicted'] = {
  gcCpuShare: null,
  gcCyclesPerSecond: null,
  peakMemoryBytes: null,
  liveHeapBytes: null,
  heapGoalBytes: null,
  allocatedBytesPerSecond: null,
};

/** Nothing can be recommended: the stages don't show enough, or no setting is safe. */
export function refusedGc(
  { runs, ...asked }: GcAsked,
  observed: ObservedCollector,
  refusals: readonly (Pick<CollectorRefusal, 'message'> & { readonly code: GcWarning['code'] })[],
): GcFigures {
  return {
    runs,
    asked,
    recommended: null,
    predicted: noPrediction,
    regime: refusals.some(({ code }) => code === 'thrash') ? 'thrash' : null,
    pareto: [],
    enoughGogc: null,
    crossoverRatePerSecond: null,
    assistFreeRatePerSecond: null,
    gogcOff: null,
    memory: null,
    parameters: null,
    stages: stagesOf(observed),
    method,
    assumptions: [],
    warnings: [...refusals.map(({ code, message }) => ({ code, message })), ...leftOut(observed)],
  };
}

export function gcFigures(
  { runs, ...asked }: GcAsked,
  observed: ObservedCollector,
  collector: KnownCollector,
  sizing: Extract<CollectorSizing, { status: 'sized' }>,
  differences: readonly string[],
): GcFigures {
  const { gogcPercent, limit, predicted } = sizing;
  const goMemLimitBytes = limit.memoryLimitBytes;
  return {
    runs,
    asked,
    recommended: {
      gogc: gogcPercent,
      goMemLimitBytes,
      meetsBudget: sizing.meetsBudget,
      environment: [`GOGC=${gogcPercent}`, `GOMEMLIMIT=${inMebibytes(bytes(goMemLimitBytes))}MiB`],
    },
    predicted: {
      gcCpuShare: predicted.gcCpuShare,
      gcCyclesPerSecond: predicted.cyclesPerSecond,
      peakMemoryBytes: predicted.peakRuntimeBytes,
      liveHeapBytes: predicted.liveHeap,
      heapGoalBytes: predicted.heapGoal,
      allocatedBytesPerSecond: predicted.allocatedPerSecond,
    },
    regime: predicted.regime,
    pareto: sizing.pareto.map(({ gogcPercent: gogc, predicted: each }) => ({
      gogc,
      goMemLimitBytes,
      peakMemoryBytes: each.peakRuntimeBytes,
      gcCpuShare: each.gcCpuShare,
      regime: each.regime,
    })),
    enoughGogc: sizing.enoughGogcPercent,
    crossoverRatePerSecond: sizing.crossover,
    assistFreeRatePerSecond: sizing.assists,
    gogcOff: sizing.gogcOff,
    memory: { nonGoBytes: limit.nonGoBytes, headroomBytes: limit.headroomBytes },
    parameters: collectorParameters(collector),
    stages: stagesOf(observed),
    method,
    assumptions: [
      'the rate is that of one instance, with the mix of requests that was measured',
      'the same build, version of Go and kind of processor: what a collection costs is of them',
      `GOMAXPROCS stays ${collector.processors}`,
    ],
    warnings: [
      ...sizing.doubts.map(({ code, message }) => ({ code, message })),
      ...collector.warnings.map(({ code, message }) => ({ code, message })),
      ...(differences.length === 0
        ? []
        : [
            {
              code: 'runs-differ' as const,
              message: `the runs are not of one kind (${differences.join('; ')}): what a collection costs may differ`,
            },
          ]),
      ...leftOut(observed),
    ],
  };
}

const method =
  'rules of the Go runtime for the heap goal; allocation, live heap, cost of a collection and memory fitted to the stages by least squares; intervals by resampling the stages (bootstrap)';

const leftOut = ({ missing }: ObservedCollector): readonly GcWarning[] =>
  missing.map(({ run, stage, reason }) => ({
    code: 'stage-left-out',
    message: `${stage === '' ? '' : `stage ${stage} of `}run ${run} is left out: ${reason}`,
  }));

function stagesOf({ observations }: ObservedCollector): readonly GcStage[] {
  const heldOut = heldOutBehaviour(observations);
  return observations.map((each, index) => stageOf(each, heldOut[index] ?? null));
}

function stageOf(each: CollectorObservation, heldOut: CollectorBehaviour | Thrash | null): GcStage {
  const { gogcPercent, memoryLimitBytes } = each.settings;
  return {
    run: each.run,
    name: each.name,
    source: each.source,
    gogc: Number.isFinite(gogcPercent) ? gogcPercent : null,
    goMemLimitBytes: Number.isFinite(memoryLimitBytes) ? memoryLimitBytes : null,
    requestsPerSecond: each.requestsPerSecond,
    cycles: each.cycles,
    cyclesPerSecond: each.cyclesPerSecond,
    allocatedBytesPerSecond: each.allocatedPerSecond,
    liveHeapBytes: each.liveHeap.mean,
    heapGoalBytes: each.heapGoalBytes,
    peakMemoryBytes: each.peakRuntimeBytes,
    gcCpuShare: gcCpuShareOf(each),
    assistShare: each.assistShare,
    regime: regimeOf(each),
    heldOut:
      heldOut === null || heldOut.regime === 'thrash'
        ? null
        : {
            cyclesPerSecond: heldOut.cyclesPerSecond,
            liveHeapBytes: heldOut.liveHeap,
            heapGoalBytes: heldOut.heapGoal,
            peakMemoryBytes: heldOut.peakRuntimeBytes,
            gcCpuShare: heldOut.gcCpuShare,
            regime: heldOut.regime,
          },
  };
}
