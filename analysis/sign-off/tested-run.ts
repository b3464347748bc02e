import type { Plan } from '../../model/plan.ts';
import type { SearchFigures } from '../../model/search-figures.ts';
import type { RequiredTest } from '../../model/sign-off.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import type { Analysis } from '../analysis.ts';
import type { GateRun } from '../gate/gate-check.ts';

/** A run or a whole search as evidence of a sign-off. */
export interface TestedRun {
  readonly id: string;
  readonly plan: Plan;
  readonly startedAt: EpochMilliseconds;
  /** Of a search, all its trials as one run. */
  readonly analysis: Pick<Analysis, 'environment' | 'outcome' | 'stages' | 'capacity' | 'findings' | 'verdict'>;
  /** Null for a run. */
  readonly search: SearchFigures | null;
  /** As the policy's gate sees it; null for a search, and without a policy. */
  readonly gate: GateRun | null;
  /** Its folder among the artefacts. */
  readonly folder: string;
}

/** Words of a scenario's name, and the test that they stand for. */
const names: readonly (readonly [RegExp, RequiredTest])[] = [
  [/\b(peak )?soak\b/, 'peak-soak'],
  [/\bspike\b/, 'spike'],
  [/\b(instance lost|lost instance|one instance lost|n 1)\b/, 'instance-lost'],
  [/\b(slow dependency|dependency slow)\b/, 'slow-dependency'],
  [/\brestart( under load)?\b/, 'restart'],
];

/** Which of the required tests it is: a search, or by its scenario's name; null: none of them. */
export function testOf({ search, plan }: TestedRun): RequiredTest | null {
  if (search !== null) return 'search-certificate';
  const words = plan.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, ' ');
  return names.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

/** Why it did not come to its end; null where it did. */
export function unfinished({ analysis: { outcome } }: TestedRun): string | null {
  return outcome.status === 'completed' ? null : `it ${outcome.status}: ${outcome.reason}`;
}
