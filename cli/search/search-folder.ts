import { open, readFile, readdir, stat, truncate } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { RecordedTrial } from '../../analysis/search/search-figures.ts';
import type { Plan } from '../../model/plan.ts';
import { systemCause } from '../../model/system-cause.ts';
import { type EpochMilliseconds, epochMilliseconds, milliseconds, perSecond } from '../../model/units.ts';
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
export interface SearchFolder {
  readonly path: string;
  readonly search: StoredSearch;
  /** In their order. */
  readonly trials: readonly RecordedTrial[];
  /** Where the trials' run folders are. */
  readonly runsDirectory: string;
  targetLog(target: number): string;
  /** Keeps a trial that is over. @throws StoreFailure */
  add(trial: RecordedTrial): Promise<void>;
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

/** Makes the folder of a new search. @throws StoreFailure */
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
  return folderOf(path, { id, startedAt, plan, planIsCut, requestsModule, options }, []);
}

/** The folder of a search that RUN means: its id, the unique beginning of one, `last`, or the folder. @throws UnreadableRun */
export async function openSearchFolder(argument: string, runsDirectory: string): Promise<SearchFolder> {
  const path = await findSearch(argument, runsDirectory);
  const stored = readable(path, files.search, await textOf(path, files.search), (text) =>
    searchShape.parse(JSON.parse(text)),
  );
  const plan = readable(path, files.search, stored, ({ plan: data }) => decodePlan(data));
  const { id, startedAt, options, planIsCut, requestsHash } = stored;
  const requestsModule =
    requestsHash === null ? null : { hash: requestsHash, code: await textOf(path, moduleFile(requestsHash)) };
  return folderOf(path, { id, startedAt, plan, planIsCut, requestsModule, options }, await readTrials(path));
}

const moduleFile = (hash: string): string => `requests-${hash.slice(0, 16)}.mjs`;

function folderOf(path: string, search: StoredSearch, known: readonly RecordedTrial[]): SearchFolder {
  const trials = [...known];
  return {
    path,
    search,
    trials,
    runsDirectory: join(path, files.runs),
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
  };
}

/** A line that was cut when the machine or plimsoll went down is dropped: its trial is done again. */
async function readTrials(path: string): Promise<readonly RecordedTrial[]> {
  const text = await textOf(path, files.trials);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await truncate(join(path, files.trials), Buffer.byteLength(whole));
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => readable(path, files.trials, line, () => trialShape.parse(JSON.parse(line))));
}

async function findSearch(argument: string, runsDirectory: string): Promise<string> {
  const names = (await readdir(runsDirectory).catch(() => [])).filter((name) => name.endsWith(suffix)).toSorted();
  const ids = names.map((name) => name.slice(0, -suffix.length));
  const hint =
    ids.length === 0 ? 'no search is there yet; choose another place with --runs DIR' : `the last one is ${ids.at(-1)}`;
  if (argument === 'last' && names.length > 0) return join(resolve(runsDirectory), names.at(-1) ?? '');
  const found = await stat(join(argument, files.search)).catch(() => null);
  if (argument !== '' && found !== null) return resolve(argument);
  const wanted = basename(argument, suffix);
  const fitting = ids.filter((id) => id === wanted || (wanted !== '' && id.startsWith(wanted)));
  const [one] = fitting;
  if (one !== undefined && (fitting.length === 1 || one === wanted))
    return join(resolve(runsDirectory), `${one}${suffix}`);
  if (one !== undefined)
    throw new UnreadableRun(`"${argument}" could be any of ${fitting.join(', ')}`, 'write more of the id');
  throw new UnreadableRun(`there is no search "${argument}" in ${runsDirectory}`, hint);
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
