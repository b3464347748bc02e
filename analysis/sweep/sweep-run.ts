import type { PoolReading } from '../../model/pool-decision.ts';
import type { RunOutcome } from '../../model/run-record.ts';
import type { CellSettings, ObservedStage } from '../../model/sweep-figures.ts';
import type { CollectorObservation } from '../models/garbage-collector/collector-observation.ts';

/** One run of a sweep as its folder keeps it: what was set, how it went, what was seen. */
export interface SweepRun {
  /** `verification`: at the recommended settings, after the cells. */
  readonly purpose: 'cell' | 'verification';
  readonly settings: CellSettings;
  /** From 1. */
  readonly repeat: number;
  /** Id of its run. */
  readonly run: string;
  readonly outcome: SweepRunOutcome;
  readonly stages: readonly {
    readonly validity: { readonly status: 'valid' | 'invalid'; readonly reasons: readonly string[] };
    readonly observed: ObservedStage;
  }[];
  /** The garbage collector in the valid hold stages, as far as they show it. */
  readonly collector: readonly CollectorObservation[];
  /** The pool that an adaptive design looks at, at the highest load; null in a grid, and where the run does not tell. */
  readonly pool: PoolReading | null;
  /** What has to be alike for cells to be compared; null where it is unknown. */
  readonly environment: Readonly<Record<string, string | null>>;
}

export interface SweepRunOutcome {
  readonly status: RunOutcome['status'];
  /** Why it did not get to its end; '' where it did. */
  readonly reason: string;
}
