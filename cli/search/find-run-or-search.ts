import { join } from 'node:path';
import { findRun } from '../../runners/store/find-run.ts';
import { listRuns } from '../../runners/store/list-runs.ts';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import { isSearchFolder, listSearches, searchesCalled } from './search-folder.ts';

export interface Found {
  readonly kind: 'run' | 'search';
  readonly folder: string;
}

/**
 * The folder that RUN means where a whole search will do as well: `last` (of both, by start), an id, the unique beginning
 * of one, or a folder.
 * @throws UnreadableRun where none fits, or several do
 */
export async function findRunOrSearch(argument: string, runsDirectory: string): Promise<Found> {
  for (const folder of [argument, join(runsDirectory, argument)])
    if (argument !== '' && (await isSearchFolder(folder))) return { kind: 'search', folder };
  const searches = await listSearches(runsDirectory);
  const runs = searches.length === 0 ? [] : await listRuns(runsDirectory);
  const newest = searches.at(-1);
  // Ids sort by start.
  if (argument === 'last' && newest !== undefined && newest.id > (runs.at(-1)?.id ?? ''))
    return { kind: 'search', folder: newest.folder };
  const fitting = argument.includes('/') ? [] : searchesCalled(argument, searches);
  const [one] = fitting;
  const runsFitting = runs.filter(({ id }) => id.startsWith(argument));
  if (one === undefined || runsFitting.some(({ id }) => id === argument))
    return { kind: 'run', folder: await findRun(argument, runsDirectory) };
  if (one.id === argument || (fitting.length === 1 && runsFitting.length === 0))
    return { kind: 'search', folder: one.folder };
  const candidates = [...runsFitting, ...fitting].map(({ id }) => id).toSorted();
  throw new UnreadableRun(`"${argument}" could be any of ${candidates.join(', ')}`, 'write more of the id');
}
