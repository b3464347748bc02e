import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import type { SearchResult } from './analyze-search.ts';
import { foundSoFar } from './found-so-far.ts';
import type { SavedSearch } from './search-folder.ts';

/** The result of a search that is only read: over, or broken off, which its folder does not tell the reason of. */
export function resultOfSaved(saved: SavedSearch): SearchResult {
  const { figures, next } = foundSoFar(saved);
  if (next.kind === 'done') return { figures, outcome: { status: 'completed' } };
  return {
    figures,
    outcome: {
      status: 'aborted',
      phase: 'load',
      code: 'interrupted',
      reason: `the search is not over: plimsoll search --resume ${saved.search.id} goes on with it`,
    },
  };
}

export const withoutTrials = ({ search }: SavedSearch): UnreadableRun =>
  new UnreadableRun(
    `the search ${search.id} has no trial yet, so there is nothing to tell`,
    `plimsoll search --resume ${search.id} goes on with it`,
  );
