import type { Plan } from '../../model/plan.ts';
import type { Finding } from '../../model/finding.ts';
import { type Question, defineAnalyzer } from './analyzer.ts';
import { type DatabaseStage, databaseStages } from './database-stages.ts';
import type { TargetFigures } from './target-figures.ts';
import { type FindingText, notApplicable } from './findings/make-finding.ts';

/** What a question about the database may look at beside the stages in which it was read. */
export interface DatabaseEvidence {
  readonly plan: Plan;
  readonly targets: readonly TargetFigures[] | null;
}

/** A finding about the database: none where it was not to be read, not applicable where its readings are missing. */
export function databaseFinding(
  text: FindingText,
  answer: (stages: readonly DatabaseStage[], evidence: DatabaseEvidence) => readonly Finding[],
): Question<readonly Finding[]> {
  return defineAnalyzer({
    name: text.id,
    needs: ['plan', 'figures', 'validity'],
    wants: ['targets'],
    answer: (evidence): readonly Finding[] => {
      const known = databaseStages(evidence);
      switch (known.status) {
        case 'not-asked':
          return [];
        case 'missing':
          return [notApplicable(text, known.missing)];
        case 'asked':
          return answer(known.stages, evidence);
        default:
          return known satisfies never;
      }
    },
  });
}
