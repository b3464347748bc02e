import type { PoolSweepLog } from '../../model/pool-decision.ts';
import type { CellSettings, Recommendation } from '../../model/sweep-figures.ts';
import type { SweepRun } from './sweep-run.ts';

/** What a sweep does next. */
export type NextRun =
  | { readonly kind: 'run'; readonly settings: CellSettings; readonly repeat: number }
  | { readonly kind: 'done' };

/**
 * How a sweep chooses: pure functions of the runs of cells that are over, so that it can be interrupted and resumed
 * anywhere, and a design that looks at what was measured is no different from one that does not.
 */
export interface SweepDesign {
  readonly next: (finished: readonly SweepRun[]) => NextRun;
  /** The cells of the table; those without a run are still to come. */
  readonly cells: (finished: readonly SweepRun[]) => readonly CellSettings[];
  /** Runs from beginning to end; null where that follows from what is measured. */
  readonly total: number | null;
  /** What the design itself says of its runs; null: nothing. */
  readonly conclude: ((finished: readonly SweepRun[]) => DesignConclusion) | null;
}

export interface DesignConclusion {
  readonly pool: PoolSweepLog;
  readonly recommended: Recommendation | null;
  /** Why none is recommended. */
  readonly reason: string;
}
