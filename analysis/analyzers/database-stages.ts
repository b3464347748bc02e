import type { Plan } from '../../model/plan.ts';
import type { DatabaseAnalysis } from '../analysis.ts';
import type { StageFigures } from './stage-figures.ts';
import type { StageValidity } from './stage-validity.ts';
import type { TargetFigures } from './target-figures.ts';

/** A valid stage in which the database was read. */
export interface DatabaseStage {
  readonly stage: StageFigures['stage'];
  readonly database: DatabaseAnalysis;
}

/** What findings about the database rest on: the stages, or what is missing; nothing where no database was to be read. */
export type DatabaseStages =
  | { readonly status: 'asked'; readonly stages: readonly DatabaseStage[] }
  | { readonly status: 'missing'; readonly missing: string }
  | { readonly status: 'not-asked' };

export function databaseStages(evidence: {
  readonly plan: Plan;
  readonly figures: readonly StageFigures[];
  readonly validity: readonly StageValidity[];
  readonly targets: readonly TargetFigures[] | null;
}): DatabaseStages {
  const { plan, figures, validity, targets } = evidence;
  if (plan.collect.postgres === null) return { status: 'not-asked' };
  const all = figures.flatMap(({ stage }) => {
    const database = targets?.[stage.index]?.target.database ?? null;
    return database === null ? [] : [{ stage, database }];
  });
  if (all.length === 0) return { status: 'missing', missing: 'sessions of PostgreSQL' };
  const stages = all.filter(({ stage }) => validity[stage.index]?.status === 'valid');
  return stages.length === 0 ? { status: 'missing', missing: 'a valid stage' } : { status: 'asked', stages };
}

/** The text of a statement for a sentence. */
export const statementName = ({ id, text }: { readonly id: string; readonly text: string | null }): string =>
  text === null ? `statement ${id}` : `“${text}”`;
