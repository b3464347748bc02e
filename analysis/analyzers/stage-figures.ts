import type { StageAnalysis, Warning } from '../analysis.ts';

/** What the generator's side knows of a stage. */
export interface StageFigures {
  readonly stage: Omit<StageAnalysis, 'validity' | 'target' | 'held'>;
  readonly warnings: readonly Warning[];
}
