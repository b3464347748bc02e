import { basename, join } from 'node:path';
import { listRuns } from '../runners/store/list-runs.ts';
import { isSeriesFolder, listSeries, seriesCalled } from '../runners/store/series-folder.ts';
import { UnreadableRun } from '../runners/store/unreadable-run.ts';
import { type Found, findRunOrSearch } from './search/find-run-or-search.ts';
import { listSearches } from './search/search-folder.ts';
import { sweepSeries } from './sweep/sweep-folder.ts';

export interface Saved {
  readonly kind: Found['kind'] | 'sweep';
  readonly folder: string;
}

/**
 * The folder that RUN means where a whole search or a whole sweep will do as well: `last` (of all, by start), an id, the
 * unique beginning of one, or a folder.
 * @throws UnreadableRun where none fits, or several do
 */
export async function findSaved(argument: string, runsDirectory: string): Promise<Saved> {
  for (const folder of [argument, join(runsDirectory, argument)])
    if (argument !== '' && (await isSeriesFolder(sweepSeries, folder))) return { kind: 'sweep', folder };
  const sweeps = await listSeries(sweepSeries, runsDirectory);
  const newest = sweeps.at(-1);
  if (newest === undefined || argument.includes('/')) return findRunOrSearch(argument, runsDirectory);
  const others = [...(await listRuns(runsDirectory)), ...(await listSearches(runsDirectory))].map(({ id }) => id);
  // Ids sort by start.
  if (argument === 'last')
    return others.every((id) => id < newest.id)
      ? { kind: 'sweep', folder: newest.folder }
      : findRunOrSearch(argument, runsDirectory);
  const fitting = seriesCalled(sweepSeries, argument, sweeps);
  const othersFitting = others.filter((id) => argument !== '' && id.startsWith(argument));
  const [one] = fitting;
  if (one === undefined || othersFitting.includes(argument)) return findRunOrSearch(argument, runsDirectory);
  const named = basename(argument, '.sweep') === one.id;
  if (named || (fitting.length === 1 && othersFitting.length === 0)) return { kind: 'sweep', folder: one.folder };
  const candidates = [...othersFitting, ...fitting.map(({ id }) => id)].toSorted();
  throw new UnreadableRun(`"${argument}" could be any of ${candidates.join(', ')}`, 'write more of the id');
}
