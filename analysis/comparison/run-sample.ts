import type { ProfileKind } from '../../model/plan.ts';
import type { LatencyMetricName, RunMetricName } from '../../model/run-metrics.ts';
import type { RunOutcome } from '../../model/run-record.ts';
import type { EpochMilliseconds, Milliseconds } from '../../model/units.ts';
import type { Proportion } from '../statistics/difference-of-proportions.ts';

/** What a comparison, a gate and a history keep of one run. */
export interface RunSample {
  readonly id: string;
  /** The plan's name. */
  readonly name: string;
  readonly startedAt: EpochMilliseconds;
  readonly endedAt: EpochMilliseconds;
  readonly outcome: RunOutcome;
  /** The machine and the tools. */
  readonly environment: Fields;
  /** How the target was set up: what a candidate may differ in on purpose. */
  readonly settings: Fields;
  /** What was done to it. */
  readonly scenario: Fields;
  /** Indices of the hold stages that were planned. */
  readonly plannedHolds: readonly number[];
  /** Hold stages that were measured. */
  readonly stages: readonly StageSample[];
  /** Readings of the target's metrics that arrived, of all addresses. */
  readonly metricReadings: number;
  /** Kinds of profiles that were captured, each once. */
  readonly profiles: readonly ProfileKind[];
}

/** Field → value as text; null: not known. */
export type Fields = Readonly<Record<string, string | null>>;

export interface StageSample {
  readonly index: number;
  readonly name: string;
  /** Requests per second as planned, or users. */
  readonly load: number;
  readonly validity: { readonly status: 'valid' | 'invalid'; readonly reasons: readonly string[] };
  /** Seconds of the steady window that had traffic. */
  readonly steadyMs: Milliseconds;
  /** It did not keep up with its load: its throughput says something, its response times are those of its length. */
  readonly limited: boolean;
  /** Whatever limited it; null where nothing of the steady window was driven. */
  readonly completedPerSecond: number | null;
  /** Whether the target told anything of itself in this stage. */
  readonly targetSeen: boolean;
  /** The generator was late, so that response times hold some of its own lateness; service times do not. */
  readonly late: boolean;
  /** Null: not measured, or too few requests to say. Times are response times. */
  readonly figures: Readonly<Record<RunMetricName, number | null>>;
  /** The same quantiles of the service time: from the first byte written. */
  readonly serviceTimeMs: Readonly<Record<LatencyMetricName, number | null>>;
  readonly errors: Proportion;
  readonly shed: Proportion;
  /** At `shiftQuantiles`, ms; null where too few requests lie beyond. */
  readonly quantilesMs: { readonly response: readonly (number | null)[]; readonly service: readonly (number | null)[] };
}

/** Where the distributions of two arms are laid beside one another. */
export const shiftQuantiles = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999] as const;
