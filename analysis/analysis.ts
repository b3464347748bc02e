import type { StageKind } from '../model/load-profile.ts';
import type { Estimate, Finding, Verdict } from '../model/finding.ts';
import type { FailureKind, StatusCounts, StepKind } from '../model/measurements.ts';
import type { PoolRules } from '../model/pool-rules.ts';
import type { Environment, RunOutcome } from '../model/run-record.ts';
import type { Bytes, EpochMilliseconds, Milliseconds, PerSecond, Ratio } from '../model/units.ts';
import type { CostAcrossLoad } from './profiles/cost-across-load.ts';
import type { LoadCurve } from './models/load-curve/load-curve.ts';

/**
 * What a run means: the product of `analyze` and the input of every report. Its first part is the JSON contract of
 * `run --json` and `analyze --json` (docs/json.md); `detail` is what the reports draw beside it.
 */
export interface Analysis {
  readonly runs: readonly string[];
  readonly name: string;
  readonly environment: Environment;
  readonly outcome: RunOutcome;
  readonly engine: { readonly name: string; readonly version: string | null; readonly reason: string };
  readonly stages: readonly StageAnalysis[];
  readonly capacity: Capacity;
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
  readonly warnings: readonly Warning[];
  readonly detail: AnalysisDetail;
}

/** A doubt about a figure; `code` is stable (docs/warnings.md), the sentence is for people. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly stage: number | null;
}

export interface StageAnalysis {
  readonly index: number;
  readonly name: string;
  readonly kind: StageKind;
  /** due / duration and done / duration. */
  readonly offeredPerSecond: PerSecond;
  readonly achievedPerSecond: PerSecond;
  /**
   * Done requests whose answer was complete within the steady window, whenever they were due, per second: what the
   * service really gave. Beyond saturation it is less than `achievedPerSecond`, which counts late answers too. Null
   * where nothing of the window was driven.
   */
  readonly completedPerSecond: PerSecond | null;
  readonly durationMs: Milliseconds;
  readonly validity: { readonly status: 'valid' | 'invalid' | 'excluded'; readonly reasons: readonly string[] };
  readonly due: number;
  readonly sent: number;
  readonly done: number;
  readonly failed: number;
  readonly shed: number;
  readonly dropped: number;
  readonly inFlightAtEnd: number;
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** Status code → answers, of those whose status was not accepted (shed among them); null where it was not recorded. */
  readonly statuses: StatusCounts | null;
  readonly latenessMs: Readonly<Record<'0.5' | '0.99', Milliseconds | null>>;
  readonly responseTimeMs: LatencyQuantiles;
  readonly serviceTimeMs: LatencyQuantiles;
  readonly endpoints: readonly EndpointAnalysis[];
  /** Of k6 scripts; empty for other traffic. */
  readonly steps: readonly StepAnalysis[];
  readonly target: TargetAnalysis;
  /** Whether all objectives held here; null for stages that aren't judged. */
  readonly held: boolean | null;
}

export type QuantileName = '0.5' | '0.9' | '0.99' | '0.999';
/** Of done requests due in the steady window; null where too few were done to say. */
export type LatencyQuantiles = Readonly<Record<QuantileName, Estimate | null>> & { readonly max: Milliseconds | null };

export interface EndpointAnalysis {
  readonly name: string;
  readonly due: number;
  readonly done: number;
  readonly failed: number;
  readonly statuses: StatusCounts | null;
  readonly responseTimeMs: LatencyQuantiles;
}

/** What the iterations of a k6 script did; their books do not hold it. */
export interface StepAnalysis {
  readonly name: string;
  readonly kind: StepKind;
  readonly begun: number;
  readonly done: number;
  readonly failed: number;
  readonly shed: number;
  readonly inFlightAtEnd: number;
  readonly statuses: StatusCounts | null;
  /** From the first byte written; of groups their length without thinking; none of checks. */
  readonly serviceTimeMs: LatencyQuantiles;
}

/** The target's side in a stage's steady window; null = not collected, with a warning. */
export interface TargetAnalysis {
  readonly cpuMsPerRequest: number | null;
  /** Cores used, of how many it may use. */
  readonly cpuCores: number | null;
  readonly cpuCoresAvailable: number | null;
  readonly allocBytesPerRequest: number | null;
  readonly allocObjectsPerRequest: number | null;
  readonly gcCpuShare: Ratio | null;
  readonly gcCyclesPerSecond: number | null;
  readonly gcPauseMs: Readonly<Record<'0.99', Milliseconds | null>>;
  readonly liveHeapBytes: Bytes | null;
  readonly heapGoalBytes: Bytes | null;
  readonly rssBytes: Bytes | null;
  readonly goroutines: number | null;
  readonly threads: number | null;
  readonly openFiles: number | null;
  readonly schedulingLatencyMs: Readonly<Record<'0.99', Milliseconds | null>>;
  readonly mutexWaitMsPerSecond: number | null;
  readonly contextSwitchesPerRequest: number | null;
  readonly throttledShare: Ratio | null;
  readonly pools: readonly PoolAnalysis[];
  /** Null where no database was read. */
  readonly database: DatabaseAnalysis | null;
}

export interface PoolAnalysis {
  readonly name: string;
  readonly maxOpen: number | null;
  readonly inUse: number | null;
  readonly waitCountPerSecond: number | null;
  readonly waitMsPerRequest: number | null;
  readonly holdMs: number | null;
}

/**
 * What PostgreSQL says of the database behind the target (docs/run-a-url.md, "The database"): sessions of this database but
 * plimsoll's own. Numbers of sessions are means of the readings.
 */
export interface DatabaseAnalysis {
  readonly version: string;
  readonly readings: number;
  /** Sessions of others that the role may not look into: they are in none of the figures, so those are at least so much. */
  readonly hiddenSessions: number | null;
  /** In a statement, those that wait for a lock among them. */
  readonly active: number | null;
  readonly idleInTransaction: number | null;
  readonly lockWaits: number | null;
  /** Of the readings, those that saw some session wait for a lock. */
  readonly readingsWithLockWaits: number;
  /** The most at once, of all databases of the server; and how many it gives to ordinary users. */
  readonly connections: number | null;
  readonly connectionsAvailable: number | null;
  /** The longest that was seen. */
  readonly longestTransactionMs: Milliseconds | null;
  readonly longestIdleInTransactionMs: Milliseconds | null;
  readonly longestLockWaitMs: Milliseconds | null;
  /** Committed and rolled back; single statements are transactions too, and so are plimsoll's own few. */
  readonly transactionsPerSecond: number | null;
  readonly deadlocks: number | null;
  /** Sessions idle in a transaction by the server's own account of time instead of by readings. */
  readonly accountedIdleInTransaction: number | null;
  /** By pg_stat_statements, those that took most time in the stage first; null where it is not known. */
  readonly statements: readonly StatementAnalysis[] | null;
  readonly statementsMissing: string | null;
}

export interface StatementAnalysis {
  /** Its queryid. */
  readonly id: string;
  /** With `$1` in place of constants; null where the server did not give it. */
  readonly text: string | null;
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly callsPerRequest: number | null;
  /** Time in the server, waiting for locks included. */
  readonly meanMs: Milliseconds;
  readonly rowsPerCall: number | null;
  /** How many sessions are in it at a time: its time per second. */
  readonly sessions: number;
  /** Of the time of all statements. */
  readonly share: Ratio | null;
  /** Sessions that wait for a lock in it, mean of the readings. */
  readonly lockWaits: number;
}

/** Limiter signals, listed in docs/limiter-signals.md. */
export const limiterSignals = [
  'latency-objective',
  'error-objective',
  'cpu',
  'cpu-throttling',
  'host-cpu',
  'pool-wait',
  'gc-cpu',
  'scheduling-latency',
  'mutex-wait',
  'memory',
  'goroutines',
  'accept-queue',
  'connection-queue',
  'shedding',
] as const;
export type LimiterSignal = (typeof limiterSignals)[number];

export interface Capacity {
  /** low = highest level at which it and all below held, high = lowest that did not (null if all held), estimate = low. */
  readonly waterLevelPerSecond: {
    readonly estimate: number;
    readonly low: number;
    readonly high: number | null;
  } | null;
  readonly limiter: Limiter | null;
  /** The other signals that crossed their limit, in the order of stages. */
  readonly crossed: readonly Limiter[];
  readonly saturationPerSecond: {
    readonly estimate: number;
    readonly low: number;
    readonly high: number | null;
  } | null;
  readonly levels: {
    readonly greenPerSecond: number;
    readonly yellowPerSecond: number;
    readonly redPerSecond: number;
  } | null;
  /** What the levels are shares of: the measured bracket. A curve never moves them. */
  readonly levelsFrom: 'bracket' | null;
  /** Throughput over concurrency: the law that the stages favour. */
  readonly model: ScalabilityChoice;
  /** P(objectives met in a window | rate). */
  readonly objectivesMet: ObjectivesMet;
  /** At which rate each signal reaches its limit: those with a rate first, in its order. */
  readonly forecasts: readonly SignalForecast[];
  /** The next limiter behind the first: what stops the service once that is lifted. Null where no rate is known. */
  readonly nextLimiter: { readonly signal: LimiterSignal; readonly ratePerSecond: OpenEstimate } | null;
}

/** An uncertain number whose interval may be open: null where the stages set no limit on that side. */
export interface OpenEstimate {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Null between two measured stages: no interval of statistics, but where the stages stand. */
  readonly confidence: number | null;
  readonly method: string;
}

/** What became of the contest of scalability laws over the stages (docs/capacity.md). */
export interface ScalabilityChoice {
  /** The chosen law, or 'none' where the stages do not tell. */
  readonly name: 'linear' | 'amdahl' | 'usl' | 'hard-limit' | 'none';
  /** Why, in a sentence; names the stage to add where one would settle it. */
  readonly note: string;
  /** The most favoured first; empty where nothing was fitted. */
  readonly candidates: readonly {
    readonly model: 'linear' | 'amdahl' | 'usl' | 'hard-limit';
    readonly weight: number | null;
    readonly deltaAicc: number | null;
    readonly parameters: Readonly<
      Record<string, { readonly estimate: number; readonly low: number | null; readonly high: number | null } | null>
    >;
    /** Why it was or was not chosen, in a sentence. */
    readonly reason: string;
  }[];
  /** What was fitted: one row per valid stage. */
  readonly points: readonly {
    readonly stage: number;
    readonly concurrency: number;
    readonly throughputPerSecond: number;
    /** By the most favoured law; null where none was fitted. */
    readonly fittedPerSecond: number | null;
  }[];
  /** Stages left out, with the reason. */
  readonly leftOut: readonly { readonly stage: number; readonly reason: string }[];
}

/** How likely the objectives are met in a window of a given length, by the rate. */
export interface ObjectivesMet {
  readonly status: 'estimated' | 'inconclusive';
  /** The objective that is met least: the curve and both levels are its own. Null where none is known. */
  readonly objective: string | null;
  /** Length of the window that is spoken of: what a stage judged. */
  readonly windowMs: Milliseconds | null;
  /** The highest rate at which P(met) is still 95 % and 50 %. */
  readonly w95PerSecond: OpenEstimate | null;
  readonly w50PerSecond: OpenEstimate | null;
  readonly curve: readonly {
    readonly ratePerSecond: number;
    readonly estimate: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** How it was made, or why there is none and what would settle it. */
  readonly note: string;
  /** Every objective that was asked, and what became of it here. */
  readonly objectives: readonly {
    readonly objective: string;
    readonly status: 'estimated' | 'inconclusive';
    readonly w95PerSecond: OpenEstimate | null;
    readonly w50PerSecond: OpenEstimate | null;
    readonly note: string;
  }[];
}

/** At which rate a signal reaches its limit, from a curve through the stages. */
export interface SignalForecast {
  readonly signal: LimiterSignal;
  /** The objective or pool it is about; null where there is only one. */
  readonly of: string | null;
  /**
   * predicted: by the curve. bracketed: only between two measured stages. not-reached: nowhere up to 1.25 times the
   * highest load. inconclusive: the stages do not tell.
   */
  readonly status: 'predicted' | 'bracketed' | 'not-reached' | 'inconclusive';
  readonly limit: number;
  readonly unit: string;
  /** Null unless predicted or bracketed. */
  readonly ratePerSecond: OpenEstimate | null;
  /** Null where none was fitted. */
  readonly curve: LoadCurve | null;
  /** `over`: whether it was over its limit; null where that is undecided. */
  readonly points: readonly (SignalPoint & { readonly over: boolean | null })[];
  /** How, or why not, in a sentence. */
  readonly note: string;
}

/** A signal in one valid stage. */
export interface SignalPoint {
  readonly stage: number;
  /** Requests offered per second. */
  readonly ratePerSecond: number;
  readonly value: number;
  /** Standard error; 0 where the stage tells none. */
  readonly error: number;
  /** False for a stage that lost requests or whose queue grew: its value is that of its length, no curve goes through it. */
  readonly steady: boolean;
}

export interface Limiter {
  readonly signal: LimiterSignal;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly firstStage: number;
}

/** What reports draw: everything already computed, so that renderers only format. */
export interface AnalysisDetail {
  readonly startedAt: EpochMilliseconds;
  readonly objectives: readonly string[];
  readonly scorecards: readonly Scorecard[];
  /** One point per second of due time. */
  readonly timeline: readonly TimelinePoint[];
  /** Signals over time for charts, thinned to at most 1,200 points each. */
  readonly signals: readonly SignalSeries[];
  readonly coverage: readonly CollectorCoverage[];
  readonly profiles: readonly ProfileSummary[];
  /** One per kind of profile that was read, all its profiles as one tree: what flame graphs draw. */
  readonly callTrees: readonly CallTree[];
  /** One per kind of cost that was profiled in some stage. */
  readonly costs: readonly CostAcrossLoad[];
  /** The size of each pool by our rule and by the one of articles, from the same stages. */
  readonly poolRules: readonly PoolRules[];
  readonly disturbance: Disturbance;
  readonly generator: GeneratorSummary | null;
  /** Response times over load with the curve through them; null where none was fitted. */
  readonly latencyCurves: readonly LatencyCurve[];
  /** The laws of the contest, drawn: throughput by concurrency, up to 1.25 times the highest measured. */
  readonly scalabilityCurves: readonly {
    readonly model: string;
    readonly points: readonly { readonly concurrency: number; readonly throughputPerSecond: number }[];
  }[];
  /** Lines of `gctrace`, counters that restarted, foreign findings: shown as raw evidence. */
  readonly evidenceFiles: readonly string[];
}

/** A quantile of the response time over load. */
export interface LatencyCurve {
  readonly quantile: QuantileName;
  /** Null where the stages tell none; `note` says why. */
  readonly curve: LoadCurve | null;
  /** The curve with its 95 % band, within the measured range. */
  readonly drawn: readonly {
    readonly ratePerSecond: number;
    readonly estimateMs: number;
    readonly lowMs: number | null;
    readonly highMs: number | null;
  }[];
  readonly points: readonly SignalPoint[];
  /** Measured less fitted, as a share of the fitted, in the stages that the curve was laid through. */
  readonly residuals: readonly { readonly ratePerSecond: number; readonly share: number }[];
  readonly note: string;
}

/** One of the four groups of requirements S000.1, for one stage. */
export interface Scorecard {
  readonly stage: number;
  readonly rows: readonly {
    readonly group: 'latency' | 'resources' | 'dependencies' | 'garbage-collection';
    readonly name: string;
    readonly value: number | null;
    readonly unit: string;
    readonly limit: number | null;
    readonly status: 'ok' | 'over' | 'unknown';
  }[];
}

export interface TimelinePoint {
  readonly second: number;
  readonly stage: number;
  readonly due: number;
  readonly done: number;
  readonly failed: number;
  readonly shed: number;
  readonly dropped: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly latenessP99Ms: number | null;
}

export interface SignalSeries {
  /** Stable name: 'rss', 'live-heap', 'heap-goal', 'goroutines', 'cpu-cores', 'gc-cpu-share', 'pool-in-use:NAME', … */
  readonly name: string;
  readonly title: string;
  readonly group: 'memory' | 'garbage-collection' | 'goroutines' | 'cpu' | 'pools' | 'database' | 'host' | 'sockets';
  readonly unit: string;
  readonly points: readonly { readonly second: number; readonly value: number }[];
}

export interface CollectorCoverage {
  readonly collector: string;
  readonly source: string;
  readonly status: 'captured' | 'not-collected' | 'failed';
  readonly readings: number;
  readonly failures: number;
  readonly reason: string | null;
  readonly meanMs: Milliseconds | null;
  readonly bytes: Bytes;
}

export interface ProfileSummary {
  readonly stage: number | null;
  readonly label: string;
  readonly kind: string;
  readonly file: string | null;
  readonly reason: string | null;
  /** Value of the profile's default sample type, in `unit`, after the difference to the snapshot before. */
  readonly total: number | null;
  readonly unit: string | null;
  readonly samples: number | null;
  readonly top: readonly {
    readonly function: string;
    readonly flat: number;
    readonly flatShare: Ratio;
    readonly cumulativeShare: Ratio;
  }[];
}

/** Whose a function is: of the target's module, of another one, of Go's standard library, or of its runtime. */
export const functionOrigins = ['own', 'library', 'standard', 'runtime'] as const;
export type FunctionOrigin = (typeof functionOrigins)[number];

/** The stacks of several profiles of one kind as one tree of calls; each profile has a value for each of its nodes. */
export interface CallTree {
  readonly kind: string;
  /** Of all values, as pprof names it. */
  readonly unit: string;
  readonly functions: readonly { readonly name: string; readonly origin: FunctionOrigin }[];
  /**
   * Nodes depth first. The first is the root, which is no function: -1. Others are an index into `functions`, or, where
   * small callees of one caller were left out, a node that holds them all: minus how many nodes went into it.
   */
  readonly functionOf: readonly number[];
  /** 0 for the root. */
  readonly depthOf: readonly number[];
  readonly profiles: readonly CallTreeProfile[];
  /** Nodes that were put together, and the largest share that one of them had of any profile. */
  readonly leftOut: { readonly nodes: number; readonly largestShare: Ratio };
}

export interface CallTreeProfile {
  readonly stage: number | null;
  readonly label: string;
  /** With all that it called, of each node: of the root the sum of all samples. Never negative. */
  readonly cumulative: readonly number[];
  /** Sum of negative values, which cannot be drawn: estimates that the runtime took back between two snapshots. */
  readonly negative: number;
  /** Observations behind the root's value, where they were counted; null where the runtime scaled them up. */
  readonly samples: number | null;
  /** What the values add up over; null for a state at one instant, and where it is not known. */
  readonly durationMs: Milliseconds | null;
  /** Requests done meanwhile; null where the values are no cost of requests, or it is not known. */
  readonly requests: number | null;
  /** What must be known about it, such as that it counts from the start of the process; null: nothing. */
  readonly note: string | null;
}

/** What collecting did to the target, as far as one run can tell; docs/methods.md says what it cannot. */
export interface Disturbance {
  /** Of the target's CPU while its CPU profiles ran, the share that went into answering collectors; null: not known. */
  readonly cpuShare: Ratio | null;
  /** What that share holds and what not, or why it is not known. */
  readonly note: string;
  /** `cpuShare` with its interval. */
  readonly cpuShareEstimate: Estimate | null;
  readonly profiling: ProfilingEffect;
}

/** Seconds with a CPU profile on against seconds of the same stages without, as ratios: 1 is no effect. */
export interface ProfilingEffect {
  readonly cpuPerRequest: Estimate | null;
  readonly responseTimeP99: Estimate | null;
  /** How the two were measured, or why one or both are not known. */
  readonly note: string;
}

export interface GeneratorSummary {
  readonly cpuShareMax: Ratio | null;
  readonly cpuMsPerRequest: number | null;
  readonly latenessP99Ms: Milliseconds | null;
  readonly stallMaxMs: Milliseconds;
  readonly connectionsOpenMax: number;
  readonly connectsTotal: number;
  readonly queueLengthMax: number;
}
