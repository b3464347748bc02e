import type { CellSettings, SweepRun } from '../../model/sweep-figures.ts';

/** What a sweep does next. */
export type NextRun =
  | { readonly kind: 'run'; readonly settings: CellSettings; readonly repeat: number }
  | { readonly kind: 'done' };

/**
 * How a sweep chooses: a pure function of the runs that are over, so that it can be interrupted and resumed anywhere, and
 * a design that looks at what was measured is no different from one that does not.
 */
export type SweepDesign = (finished: readonly SweepRun[]) => NextRun;
