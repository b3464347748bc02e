import type { EpochMilliseconds } from './units.ts';

export const historyFormat = 1;

export type HistoryArm = 'candidate' | 'reference';

/**
 * One run in a history: one line of its file. Keys are those by which nights are told apart and laid beside one another.
 * Null: not known.
 */
export interface HistoryEntry {
  readonly formatVersion: typeof historyFormat;
  readonly project: string;
  readonly service: string;
  /** The plan's name. */
  readonly scenario: string;
  /** Of what was done: load, traffic, connections. Runs of different ones are no series. */
  readonly scenarioHash: string;
  readonly arm: HistoryArm;
  /** Runs that were made together, the reference's and the candidate's. */
  readonly pair: string | null;
  readonly run: string;
  readonly commit: string | null;
  /** Of how the target was set up. */
  readonly configHash: string;
  /** Of machine and tools. */
  readonly environmentHash: string;
  /** ok: ended as planned and every hold stage is valid. */
  readonly validity: { readonly status: 'ok' | 'partial' | 'invalid'; readonly reasons: readonly string[] };
  readonly startedAt: EpochMilliseconds;
  readonly stages: readonly HistoryStage[];
}

export interface HistoryStage {
  readonly index: number;
  readonly name: string;
  /** Requests per second as planned, or users. */
  readonly load: number;
  readonly valid: boolean;
  /** The generator was late: response times hold some of it, service times do not. */
  readonly late: boolean;
  /** `key` of model/run-metrics.ts → value; service times as `serviceP50Ms` … */
  readonly figures: Readonly<Record<string, number | null>>;
}
