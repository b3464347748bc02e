import { type NextTrial, nextTrial } from '../../analysis/search/next-trial.ts';
import { searchFigures } from '../../analysis/search/search-figures.ts';
import type { SearchFigures } from '../../model/search-figures.ts';
import type { SavedSearch } from './search-folder.ts';
import { orderOf, shareObjectives } from './search-options.ts';

/** What the trials of a search tell by now, and what comes next; it follows from what is on disk alone. */
export function foundSoFar({ search: { plan, options }, trials }: Pick<SavedSearch, 'search' | 'trials'>): {
  readonly figures: SearchFigures;
  readonly next: NextTrial;
} {
  const order = orderOf(plan, options);
  const next = nextTrial(trials, order);
  const objectives = shareObjectives(plan).map(({ text }) => text);
  return { next, figures: searchFigures({ trials, order, objectives, next, launched: plan.target.kind === 'launch' }) };
}
