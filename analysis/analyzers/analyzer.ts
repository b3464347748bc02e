import { type Captured, captureFailed, captured, notCollected } from '../../model/measurements.ts';
import type { Evidence } from './evidence.ts';

/**
 * One question put to the evidence. An analyzer names what it needs and what it would like to have, is handed exactly
 * that, and sees nothing else: both are inferred from the two lists, so that reading what wasn't declared is a type
 * error (analyzer.test.ts holds one).
 */
export interface Analyzer<Need extends keyof Evidence, Want extends keyof Evidence, Answer> {
  readonly name: string;
  /** Without any of these there is no answer. */
  readonly needs: readonly Need[];
  /** Null where missing; the answer says what that costs. */
  readonly wants: readonly Want[];
  readonly answer: (evidence: Pick<Evidence, Need> & { readonly [Key in Want]: Evidence[Key] | null }) => Answer;
}

/** What is known so far: each piece captured, or the reason why not; a piece left out is not known yet. */
export type Known = { readonly [Key in keyof Evidence]?: Captured<Evidence[Key]> };

export interface Question<Answer> {
  readonly name: string;
  /**
   * Where a needed piece is missing the answer is missing for the same reason, and only the questions that need this
   * answer share its fate.
   */
  readonly ask: (known: Known) => Captured<Answer>;
}

/** Makes a question of an analyzer; its types are inferred from the two lists. */
export function defineAnalyzer<Need extends keyof Evidence, Want extends keyof Evidence, Answer>(
  analyzer: Analyzer<Need, Want, Answer>,
): Question<Answer> {
  return {
    name: analyzer.name,
    ask: (known) => {
      const pieces: Partial<Record<keyof Evidence, unknown>> = {};
      for (const want of analyzer.wants) {
        const piece = known[want];
        pieces[want] = piece?.status === 'captured' ? piece.value : null;
      }
      for (const need of analyzer.needs) {
        const piece: Captured<unknown> = known[need] ?? notCollected(`${need} is not known`);
        switch (piece.status) {
          case 'captured':
            pieces[need] = piece.value;
            break;
          case 'not-collected':
            return notCollected(piece.reason);
          case 'failed':
            return captureFailed(piece.reason);
          default:
            piece satisfies never;
        }
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loops above have filled every need and want
      return captured(analyzer.answer(pieces as Parameters<typeof analyzer.answer>[0]));
    },
  };
}

/** The answer, or null where there is none. */
export function answerOf<Answer>(answer: Captured<Answer>): Answer | null {
  return answer.status === 'captured' ? answer.value : null;
}
