import { join } from 'node:path';
import { z } from 'zod';
import type { RecordedTrial } from '../../analysis/search/search-figures.ts';
import { milliseconds, perSecond } from '../../model/units.ts';
import {
  type ListedSeries,
  type OpenSeries,
  type SavedSeries,
  type SeriesKind,
  type StoredSeries,
  isSeriesFolder,
  listSeries,
  makeSeries,
  openSeries,
  readSeries,
  seriesCalled,
} from '../../runners/store/series-folder.ts';
import type { SearchOptions } from './search-options.ts';

/** Where everything of a search is: what was asked, a line for each trial, and the trials' run folders. */
export interface SavedSearch {
  readonly path: string;
  readonly search: StoredSeries<SearchOptions>;
  /** In their order. */
  readonly trials: readonly RecordedTrial[];
  /** Where the trials' run folders are. */
  readonly runsDirectory: string;
}

/** The same while its trials are made; no other process can do so until it is released. */
export interface SearchFolder extends SavedSearch {
  targetLog(target: number): string;
  /** Keeps a trial that is over. @throws StoreFailure */
  add(trial: RecordedTrial): Promise<void>;
  release(): Promise<void>;
}

const duration = z.number().nonnegative().transform(milliseconds);
const rate = z.number().positive().transform(perSecond);

const optionsShape: z.ZodType<SearchOptions> = z.object({
  settings: z.object({
    firstRate: rate,
    highestRate: rate,
    lowestRate: rate,
    budget: duration,
    pause: duration,
    confidence: z.number(),
    bracket: z.number(),
    leastCertified: duration,
    lengths: z.object({ overload: duration, probe: duration, certify: duration, certifyLong: duration }),
  }),
  repeats: z.int().positive(),
  certify: z.boolean(),
  warmUpMs: duration,
});

const trialShape: z.ZodType<RecordedTrial> = z.object({
  search: z.int().nonnegative(),
  purpose: z.enum(['overload', 'probe', 'certify', 'confirm']),
  rate,
  duration,
  shares: z.array(z.array(z.object({ hits: z.number(), trials: z.number() }))),
  completedRate: z.number().transform(perSecond),
  valid: z.boolean(),
  reasons: z.array(z.string()),
  run: z.string(),
  target: z.int().nonnegative(),
});

const series: SeriesKind<SearchOptions, RecordedTrial> = {
  word: 'search',
  linesFile: 'trials.jsonl',
  options: optionsShape,
  line: trialShape,
};

/** Makes the folder of a new search, and locks it. @throws StoreFailure */
export const makeSearchFolder = async (
  runsDirectory: string,
  search: Omit<StoredSeries<SearchOptions>, 'id' | 'planIsCut'>,
): Promise<SearchFolder> => opened(await makeSeries(series, runsDirectory, search));

/** Opens a search to go on with it, and locks it. @throws UnreadableRun where another process is at work in it, too */
export const openSearchFolder = async (argument: string, runsDirectory: string): Promise<SearchFolder> =>
  opened(await openSeries(series, argument, runsDirectory));

/** A search as it is on disk, over or not, perhaps while its trials are made. Nothing is changed. @throws UnreadableRun */
export const readSearchFolder = async (path: string): Promise<SavedSearch> => saved(await readSeries(series, path));

const saved = ({ path, stored, lines, runsDirectory }: SavedSeries<SearchOptions, RecordedTrial>): SavedSearch => ({
  path,
  search: stored,
  trials: lines,
  runsDirectory,
});

const opened = (open: OpenSeries<SearchOptions, RecordedTrial>): SearchFolder => ({
  ...saved(open),
  targetLog: (target) => join(open.path, `target-${target + 1}.log`),
  add: (trial) => open.add(trial),
  release: () => open.release(),
});

/** The searches of a directory by their folders' names, oldest first; empty where there is no such directory. */
export const listSearches = (runsDirectory: string): Promise<readonly ListedSeries[]> =>
  listSeries(series, runsDirectory);

export const isSearchFolder = (path: string): Promise<boolean> => isSeriesFolder(series, path);

/** The one whose id, or whose folder's name, it is; else those whose ids begin so. */
export const searchesCalled = (argument: string, searches: readonly ListedSeries[]): readonly ListedSeries[] =>
  seriesCalled(series, argument, searches);
