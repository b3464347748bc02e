import { sweepFiguresOf } from '../../analysis/sweep/sweep-figures-of.ts';
import type { SweepRun } from '../../analysis/sweep/sweep-run.ts';
import type { CellSettings, Factor } from '../../model/sweep-figures.ts';
import type { SavedSweep } from './sweep-folder.ts';
import { sweepOrder } from './sweep-order.ts';
import { designOf, sweptTarget } from './sweep-options.ts';

export interface RunToMake {
  readonly purpose: SweepRun['purpose'];
  readonly settings: CellSettings;
  readonly repeat: number;
  /** How the settings reach the service. */
  readonly factors: readonly Pick<Factor, 'name' | 'kind'>[];
}

/** The next cell by the design, then, where it was asked for, a run at what the cells recommend; null: all is made. */
export function nextRun({ options, plan }: SavedSweep['stored'], finished: readonly SweepRun[]): RunToMake | null {
  const design = designOf(options);
  const next = design.next(finished.filter(({ purpose }) => purpose === 'cell'));
  if (next.kind === 'run')
    return { purpose: 'cell', settings: next.settings, repeat: next.repeat, factors: options.factors };
  if (!options.verify) return null;
  const { recommended, verification } = sweepFiguresOf(finished, sweepOrder(options), design, sweptTarget(plan));
  if (recommended === null || verification !== null) return null;
  const { settings } = recommended;
  return {
    purpose: 'verification',
    settings,
    // Other requests than any cell had.
    repeat: options.repeats + 1,
    factors: Object.keys(settings).map((name) => ({ name, kind: 'environment' })),
  };
}
