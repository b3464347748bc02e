import type { TestedRun } from './tested-run.ts';

export interface BuiltFrom {
  /** Commit that Go's build information of every run names; null where one names none. */
  readonly revision: string | null;
  /** Why the commit does not say what was built; null where nothing is against it. */
  readonly doubt: string | null;
}

/** From which commit the tested binary was built, by the notes that a run keeps of its build settings. */
export function builtFrom(runs: readonly TestedRun[]): BuiltFrom {
  const notes = runs.map(({ analysis }) => analysis.environment.target.notes.join(' '));
  const revisions = new Set(notes.map((text) => /\bvcs\.revision=([0-9a-f]{40,64})\b/.exec(text)?.[1] ?? null));
  const [revision = null, ...others] = revisions;
  if (others.length > 0)
    return {
      revision: null,
      doubt: `the runs were built from different commits: ${[...revisions].map((each) => each ?? 'unknown').join(', ')}`,
    };
  const changed = notes.some((text) => text.includes('vcs.modified=true'));
  return {
    revision,
    doubt: changed ? `it was built with changes that are not in ${revision ?? 'any commit'}` : null,
  };
}
