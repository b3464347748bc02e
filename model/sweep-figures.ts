import type { PoolSweepLog } from './pool-decision.ts';

/** An uncertain number; without an interval where one run alone tells it, and tells none. */
export interface SweepEstimate {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number | null;
  readonly method: string;
}

/** One thing that a sweep changes from cell to cell, with the values that it tries, as they were typed. */
export interface Factor {
  readonly name: string;
  /** A variable of the launched target's environment, or a `{{name}}` of the scenario's `target.settings`. */
  readonly kind: 'environment' | 'setting';
  readonly values: readonly string[];
}

/** The value of each factor in one cell. */
export type CellSettings = Readonly<Record<string, string>>;

/** Figures of a hold stage that are a number each. Null: not collected. */
export const stageFigureNames = [
  'offeredPerSecond',
  'completedPerSecond',
  /** (failed + dropped + in flight at the end) / due. */
  'errorShare',
  'cpuCores',
  'cpuMsPerRequest',
  'throttledShare',
  'allocBytesPerRequest',
  /** Of the CPU that the target used. */
  'gcCpuShare',
  'gcCyclesPerSecond',
  'liveHeapBytes',
  'heapGoalBytes',
  /** Largest reading in the steady window. */
  'rssPeakBytes',
  'goroutines',
] as const;
export type StageFigureName = (typeof stageFigureNames)[number];
export type StageFigures = Readonly<Record<StageFigureName, SweepEstimate | null>>;

/** One hold stage as one run, or all valid runs of a cell together, saw it. */
export interface ObservedStage extends StageFigures {
  readonly index: number;
  readonly name: string;
  /** As planned: requests per second, or users in a closed loop. */
  readonly load: number;
  /** Valid runs behind it. */
  readonly runs: number;
  /** In how many of them all objectives were met; null where none is asked for. */
  readonly objectives: { readonly met: number; readonly missed: number; readonly undecided: number } | null;
  readonly responseTimeMs: Readonly<Record<'0.5' | '0.9' | '0.99' | '0.999', SweepEstimate | null>>;
  readonly pools: readonly ObservedPool[];
  /** Codes of docs/warnings.md on the target's figures. */
  readonly warnings: readonly string[];
}

export interface ObservedPool {
  readonly name: string;
  /** Connections at most; null where it is unlimited or unknown. */
  readonly maxOpen: number | null;
  readonly inUse: SweepEstimate | null;
  readonly waitCountPerSecond: SweepEstimate | null;
  readonly waitMsPerRequest: SweepEstimate | null;
  readonly holdMs: SweepEstimate | null;
}

/** All that a sweep found, for its reports and its JSON (docs/sweep.md). */
export interface SweepFigures {
  readonly design: 'grid' | 'adaptive';
  readonly factors: readonly Factor[];
  readonly repeats: number;
  readonly seed: number;
  readonly finished: boolean;
  readonly cells: readonly SweepCell[];
  /** Why no cell has a prediction; null where a model was fitted. */
  readonly unpredictedReason: string | null;
  readonly recommended: Recommendation | null;
  /** Why there is no recommendation; null where there is one. */
  readonly recommendedReason: string | null;
  /** A run at exactly the recommended settings; null where none was made. */
  readonly verification: Verification | null;
  /** The steps of an adaptive design; null for a grid. */
  readonly pool: PoolSweepLog | null;
  /** Why the cells are not all as comparable or as well measured as they should be, for people. */
  readonly warnings: readonly SweepWarning[];
}

/** What the model of the garbage collector says of some settings under a load. */
export interface CellPrediction {
  /** `refused`: the figures are null, and `reason` says why. */
  readonly status: 'predicted' | 'refused';
  readonly reason: string;
  /** `other-cells`: fitted without a run of this cell; `all-cells`: the others alone do not determine it. */
  readonly basis: 'other-cells' | 'all-cells';
  /** What ends a collection's cycle: the least heap, GOGC, the memory limit; thrash: it hardly ever ends. */
  readonly regime: 'floor' | 'gogc' | 'limit' | 'thrash' | null;
  readonly gcCpuShare: SweepEstimate | null;
  readonly gcCyclesPerSecond: SweepEstimate | null;
  readonly liveHeapBytes: SweepEstimate | null;
  readonly heapGoalBytes: SweepEstimate | null;
  readonly rssPeakBytes: SweepEstimate | null;
}

export interface Recommendation {
  readonly settings: CellSettings;
  /** Null where it is no prediction but one of the measured cells. */
  readonly predicted: CellPrediction | null;
  /** What makes it less certain than it looks. */
  readonly doubts: readonly string[];
}

export interface Verification {
  readonly settings: CellSettings;
  readonly run: string;
  /** `agrees`: the CPU share of collections lies within its predicted interval, and memory stayed below the container's. */
  readonly status: 'agrees' | 'differs' | 'inconclusive';
  readonly reason: string;
  readonly observed: ObservedStage | null;
  /** Whether the largest resident memory stayed below the container's limit; null where that is not known. */
  readonly belowMemoryLimit: boolean | null;
}

export interface SweepWarning {
  readonly code: 'cell-not-measured' | 'cell-partly-measured' | 'environments-differ' | 'setting-without-effect';
  readonly message: string;
}

export interface SweepCell {
  readonly settings: CellSettings;
  /** Ids, in the order of the repeats. */
  readonly runs: readonly string[];
  /**
   * `measured`: every run that was asked for is valid at `observed`'s stage. `partly`: some are. `invalid`: runs got
   * there, none is valid. `failed`: none got there, `reasons` say why. `pending`: no run yet.
   */
  readonly status: 'measured' | 'partly' | 'invalid' | 'failed' | 'pending';
  /** Of the runs that do not count, each with its repeat. */
  readonly reasons: readonly string[];
  /** The hold stage with the highest load; null where no run of the cell is valid there. */
  readonly observed: ObservedStage | null;
  /** Every hold stage that some run of the cell is valid in. */
  readonly stages: readonly ObservedStage[];
  /** At `observed`'s load by a model of the factors; null: there is none. */
  readonly predicted: CellPrediction | null;
}
