import { open, readFile, readdir, stat, truncate } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { RecordedTrial } from '../../analysis/search/search-figures.ts';
import type { Plan } from '../../model/plan.ts';
import { systemCause } from '../../model/system-cause.ts';
import { type EpochMilliseconds, epochMilliseconds, milliseconds, perSecond } from '../../model/units.ts';
import { type FolderLock, lockFolder } from '../../runners/store/folder-lock.ts';
import { makeFolder } from '../../runners/store/make-folder.ts';
import { decodePlan } from '../../runners/store/plan-shape.ts';
import { prepareRunsDirectory } from '../../runners/store/prepare-runs-directory.ts';
import { runId } from '../../runners/store/run-id.ts';
import { withoutSecrets } from '../../runners/store/secrets.ts';
import { storeFailure } from '../../runners/store/store-failure.ts';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import { writeWholeFile } from '../../runners/store/write-whole-file.ts';
import type { RequestsModule, SearchOptions } from './search-options.ts';

/** A search's folder is called so, so that it is not taken for a run's. */
const suffix = '.search';
const files = { search: 'search.json', trials: 'trials.jsonl', runs: 'runs' } as const;
const formatVersion = 1;

/** What a search is, from its beginning to its end; its trials are beside it. */
export interface StoredSearch {
  readonly id: string;
  readonly startedAt: EpochMilliseconds;
  /** What all trials have in common; no secret is in it. */
  readonly plan: Plan;
  /** Whether something secret was left out of the plan, so that it is not enough to go on by. */
  readonly planIsCut: boolean;
  readonly requestsModule: RequestsModule | null;
  readonly options: SearchOptions;
}

/** Where everything of a search is: what was asked, a line for each trial, and the trials' run folders. */
export interface SavedSearch {
  readonly path: string;
  readonly search: StoredSearch;
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

const optionsShape = z.object({
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

const searchShape = z.object({
  formatVersion: z.literal(formatVersion),
  id: z.string(),
  startedAt: z.number().transform(epochMilliseconds),
  plan: z.unknown(),
  planIsCut: z.boolean(),
  requestsHash: z.string().nullable(),
  options: optionsShape,
});

const trialShape = z.object({
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

/** Makes the folder of a new search, and locks it. @throws StoreFailure */
export async function makeSearchFolder(
  runsDirectory: string,
  search: Omit<StoredSearch, 'id' | 'planIsCut'>,
): Promise<SearchFolder> {
  await prepareRunsDirectory(runsDirectory, search.plan.abortRules.freeDiskBytes);
  const id = runId(search.plan.name, search.startedAt);
  const path = join(resolve(runsDirectory), `${id}${suffix}`);
  await makeFolder(join(path, files.runs)).catch((error: unknown) => {
    throw storeFailure(error, path);
  });
  const { requestsModule, options, startedAt } = search;
  const plan = decodePlan(withoutSecrets(search.plan));
  const planIsCut = !isDeepStrictEqual(plan, decodePlan(search.plan));
  if (requestsModule !== null) await writeWholeFile(join(path, moduleFile(requestsModule.hash)), requestsModule.code);
  const requestsHash = requestsModule?.hash ?? null;
  const stored = { formatVersion, id, startedAt, plan, planIsCut, requestsHash, options };
  await writeWholeFile(join(path, files.trials), '');
  await writeWholeFile(join(path, files.search), `${JSON.stringify(stored, null, 2)}\n`);
  const saved = savedAt(path, { id, startedAt, plan, planIsCut, requestsModule, options }, []);
  return locked(saved, await lockFolder(path, whatOf(saved)));
}

/**
 * Opens the folder of a search to go on with it, and locks it. A line that was cut when the machine or plimsoll went down
 * is taken off: its trial is done again.
 *
 * @throws UnreadableRun where another process is at work in it, too
 */
export async function openSearchFolder(argument: string, runsDirectory: string): Promise<SearchFolder> {
  const path = await findSearch(argument, runsDirectory);
  const lock = await lockFolder(path, whatOf(await readSearchFolder(path)));
  try {
    // Not what was read before the lock: who held it may have added a trial.
    const saved = await readSearchFolder(path);
    const { text, whole } = await linesOf(path);
    if (whole.length < text.length) await truncate(join(path, files.trials), Buffer.byteLength(whole));
    return locked(saved, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A search as it is on disk, over or not, perhaps while its trials are made. Nothing is changed. @throws UnreadableRun */
export async function readSearchFolder(path: string): Promise<SavedSearch> {
  const stored = readable(path, files.search, await textOf(path, files.search), (text) =>
    searchShape.parse(JSON.parse(text)),
  );
  const plan = readable(path, files.search, stored, ({ plan: data }) => decodePlan(data));
  const { id, startedAt, options, planIsCut, requestsHash } = stored;
  const requestsModule =
    requestsHash === null ? null : { hash: requestsHash, code: await textOf(path, moduleFile(requestsHash)) };
  return savedAt(path, { id, startedAt, plan, planIsCut, requestsModule, options }, await readTrials(path));
}

const whatOf = ({ search }: SavedSearch): string => `the search ${search.id}`;

const moduleFile = (hash: string): string => `requests-${hash.slice(0, 16)}.mjs`;

const savedAt = (path: string, search: StoredSearch, trials: readonly RecordedTrial[]): SavedSearch => ({
  path,
  search,
  trials,
  runsDirectory: join(path, files.runs),
});

function locked(saved: SavedSearch, lock: FolderLock): SearchFolder {
  const { path } = saved;
  const trials = [...saved.trials];
  return {
    ...saved,
    trials,
    targetLog: (target) => join(path, `target-${target + 1}.log`),
    add: async (trial) => {
      const file = join(path, files.trials);
      try {
        const handle = await open(file, 'a');
        try {
          await handle.writeFile(`${JSON.stringify(trial)}\n`);
          await handle.sync();
        } finally {
          await handle.close();
        }
      } catch (error) {
        throw storeFailure(error, file);
      }
      trials.push(trial);
    },
    release: () => lock.release(),
  };
}

/** All that is there, and of it the lines that were written to their end. */
async function linesOf(path: string): Promise<{ readonly text: string; readonly whole: string }> {
  const text = await textOf(path, files.trials);
  return { text, whole: text.slice(0, text.lastIndexOf('\n') + 1) };
}

async function readTrials(path: string): Promise<readonly RecordedTrial[]> {
  const { whole } = await linesOf(path);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => readable(path, files.trials, line, () => trialShape.parse(JSON.parse(line))));
}

async function findSearch(argument: string, runsDirectory: string): Promise<string> {
  const searches = await listSearches(runsDirectory);
  const newest = searches.at(-1);
  const hint =
    newest === undefined
      ? 'no search is there yet; choose another place with --runs DIR'
      : `the last one is ${newest.id}`;
  if (argument === 'last' && newest !== undefined) return newest.folder;
  if (await isSearchFolder(argument)) return resolve(argument);
  const fitting = searchesCalled(argument, searches);
  const [one] = fitting;
  if (one !== undefined && fitting.length === 1) return one.folder;
  if (one !== undefined)
    throw new UnreadableRun(
      `"${argument}" could be any of ${fitting.map(({ id }) => id).join(', ')}`,
      'write more of the id',
    );
  throw new UnreadableRun(`there is no search "${argument}" in ${runsDirectory}`, hint);
}

export interface ListedSearch {
  readonly id: string;
  readonly folder: string;
}

/** The searches of a directory by their folders' names, oldest first; empty where there is no such directory. */
export async function listSearches(runsDirectory: string): Promise<readonly ListedSearch[]> {
  const names = (await readdir(runsDirectory).catch(() => [])).filter((name) => name.endsWith(suffix)).toSorted();
  return names.map((name) => ({ id: name.slice(0, -suffix.length), folder: join(resolve(runsDirectory), name) }));
}

export async function isSearchFolder(path: string): Promise<boolean> {
  return path !== '' && (await stat(join(path, files.search)).catch(() => null)) !== null;
}

/** The one whose id, or whose folder's name, it is; else those whose ids begin so. */
export function searchesCalled(argument: string, searches: readonly ListedSearch[]): readonly ListedSearch[] {
  const wanted = basename(argument, suffix);
  const exact = searches.filter(({ id }) => id === wanted);
  return exact.length > 0 ? exact : searches.filter(({ id }) => wanted !== '' && id.startsWith(wanted));
}

async function textOf(path: string, name: string): Promise<string> {
  try {
    return await readFile(join(path, name), 'utf8');
  } catch (error) {
    throw new UnreadableRun(`${join(path, name)} cannot be read: ${systemCause(error)}`, 'start a new search');
  }
}

function readable<T, U>(path: string, name: string, value: T, read: (value: T) => U): U {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new UnreadableRun(`${join(path, name)} is not as plimsoll writes it`, 'start a new search');
  }
}
