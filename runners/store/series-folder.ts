import { open, readFile, readdir, stat, truncate } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Plan } from '../../model/plan.ts';
import { systemCause } from '../../model/system-cause.ts';
import { type EpochMilliseconds, epochMilliseconds } from '../../model/units.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { makeFolder } from './make-folder.ts';
import { decodePlan } from './plan-shape.ts';
import { prepareRunsDirectory } from './prepare-runs-directory.ts';
import { runId } from './run-id.ts';
import { withoutSecrets } from './secrets.ts';
import { storeFailure } from './store-failure.ts';
import { UnreadableRun } from './unreadable-run.ts';
import { writeWholeFile } from './write-whole-file.ts';

/*
 * Several runs that belong together, in one folder: `ID.sweep/` holds `sweep.json` (what was asked), a file of lines, one
 * for each run that counts, and `runs/` with their run folders, those that were cut among them. A line is written when its
 * run is over, so that a series can be killed and resumed anywhere.
 */

/** What kind of series: its word is the suffix of its folder and the name of its first file. */
export interface SeriesKind<Options, Line> {
  readonly word: string;
  /** Name of the file of lines. */
  readonly linesFile: string;
  readonly options: z.ZodType<Options>;
  readonly line: z.ZodType<Line>;
}

/** What a series is, from its beginning to its end. */
export interface StoredSeries<Options> {
  readonly id: string;
  readonly startedAt: EpochMilliseconds;
  /** What all runs have in common; no secret is in it. */
  readonly plan: Plan;
  /** Whether something secret was left out of the plan, so that it is not enough to go on by. */
  readonly planIsCut: boolean;
  readonly requestsModule: { readonly code: string; readonly hash: string } | null;
  readonly options: Options;
}

export interface SavedSeries<Options, Line> {
  readonly path: string;
  readonly stored: StoredSeries<Options>;
  /** In their order. */
  readonly lines: readonly Line[];
  /** Where the run folders are. */
  readonly runsDirectory: string;
}

/** The same while its runs are made; no other process can do so until it is released. */
export interface OpenSeries<Options, Line> extends SavedSeries<Options, Line> {
  /** Keeps what a run that is over said. @throws StoreFailure */
  add(line: Line): Promise<void>;
  release(): Promise<void>;
}

const formatVersion = 1;
const runsFolder = 'runs';
const firstFile = ({ word }: { readonly word: string }): string => `${word}.json`;
const moduleFile = (hash: string): string => `requests-${hash.slice(0, 16)}.mjs`;

/** Makes the folder of a new series, and locks it. @throws StoreFailure */
export async function makeSeries<Options, Line>(
  kind: SeriesKind<Options, Line>,
  runsDirectory: string,
  series: Omit<StoredSeries<Options>, 'id' | 'planIsCut'>,
): Promise<OpenSeries<Options, Line>> {
  await prepareRunsDirectory(runsDirectory, series.plan.abortRules.freeDiskBytes);
  const { requestsModule, options, startedAt } = series;
  const id = runId(series.plan.name, startedAt);
  const path = join(resolve(runsDirectory), `${id}.${kind.word}`);
  await makeFolder(join(path, runsFolder)).catch((error: unknown) => {
    throw storeFailure(error, path);
  });
  const plan = decodePlan(withoutSecrets(series.plan));
  const planIsCut = !isDeepStrictEqual(plan, decodePlan(series.plan));
  if (requestsModule !== null) await writeWholeFile(join(path, moduleFile(requestsModule.hash)), requestsModule.code);
  const requestsHash = requestsModule?.hash ?? null;
  const first = { formatVersion, id, startedAt, plan, planIsCut, requestsHash, options };
  await writeWholeFile(join(path, kind.linesFile), '');
  await writeWholeFile(join(path, firstFile(kind)), `${JSON.stringify(first, null, 2)}\n`);
  const stored = { id, startedAt, plan, planIsCut, requestsModule, options };
  const lock = await lockFolder(path, `the ${kind.word} ${id}`);
  return opened(kind, { path, stored, lines: [], runsDirectory: join(path, runsFolder) }, lock);
}

/**
 * Opens a series to go on with it, and locks it. A line that was cut when the machine or plimsoll went down is taken off:
 * its run is made again.
 *
 * @param argument its id, the unique beginning of one, `last`, or the folder
 * @throws UnreadableRun where another process is at work in it, too
 */
export async function openSeries<Options, Line>(
  kind: SeriesKind<Options, Line>,
  argument: string,
  runsDirectory: string,
): Promise<OpenSeries<Options, Line>> {
  const path = await findSeries(kind, argument, runsDirectory);
  const { stored } = await readSeries(kind, path);
  const lock = await lockFolder(path, `the ${kind.word} ${stored.id}`);
  try {
    // Not what was read before the lock: who held it may have added a line.
    const saved = await readSeries(kind, path);
    await dropCutLine(kind, path);
    return opened(kind, saved, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A series as it is on disk, over or not, perhaps while its runs are made. Nothing is changed. @throws UnreadableRun */
export async function readSeries<Options, Line>(
  kind: SeriesKind<Options, Line>,
  path: string,
): Promise<SavedSeries<Options, Line>> {
  const readable = <T>(name: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
      throw new UnreadableRun(`${join(path, name)} is not as plimsoll writes it`, `start a new ${kind.word}`);
    }
  };
  const shape = z.object({
    formatVersion: z.literal(formatVersion),
    id: z.string(),
    startedAt: z.number().transform(epochMilliseconds),
    plan: z.unknown(),
    planIsCut: z.boolean(),
    requestsHash: z.string().nullable(),
    options: kind.options,
  });
  const text = await textOf(kind, path, firstFile(kind));
  const {
    plan,
    requestsHash: hash,
    ...stored
  } = readable(firstFile(kind), () => {
    const first = shape.parse(JSON.parse(text));
    return { ...first, plan: decodePlan(first.plan) };
  });
  const requestsModule = hash === null ? null : { hash, code: await textOf(kind, path, moduleFile(hash)) };
  const { whole } = await linesText(kind, path);
  const lines = whole.split('\n').filter((line) => line !== '');
  const { id, startedAt, planIsCut, options } = stored;
  return {
    path,
    stored: { id, startedAt, plan, planIsCut, requestsModule, options },
    lines: lines.map((line) => readable(kind.linesFile, () => kind.line.parse(JSON.parse(line)))),
    runsDirectory: join(path, runsFolder),
  };
}

function opened<Options, Line>(
  { linesFile }: SeriesKind<Options, Line>,
  saved: SavedSeries<Options, Line>,
  lock: FolderLock,
): OpenSeries<Options, Line> {
  const lines = [...saved.lines];
  const file = join(saved.path, linesFile);
  return {
    ...saved,
    lines,
    add: async (line) => {
      try {
        const handle = await open(file, 'a');
        try {
          await handle.writeFile(`${JSON.stringify(line)}\n`);
          await handle.sync();
        } finally {
          await handle.close();
        }
      } catch (error) {
        throw storeFailure(error, file);
      }
      lines.push(line);
    },
    release: () => lock.release(),
  };
}

type Named = Pick<SeriesKind<unknown, unknown>, 'word' | 'linesFile'>;

/** All lines that are there, and of them what was written to its end. */
async function linesText(kind: Named, path: string): Promise<{ readonly text: string; readonly whole: string }> {
  const text = await textOf(kind, path, kind.linesFile);
  return { text, whole: text.slice(0, text.lastIndexOf('\n') + 1) };
}

async function dropCutLine(kind: Named, path: string): Promise<void> {
  const { text, whole } = await linesText(kind, path);
  if (whole.length < text.length) await truncate(join(path, kind.linesFile), Buffer.byteLength(whole));
}

async function findSeries(kind: Named, argument: string, runsDirectory: string): Promise<string> {
  const { word } = kind;
  const listed = await listSeries(kind, runsDirectory);
  const newest = listed.at(-1);
  if (argument === 'last' && newest !== undefined) return newest.folder;
  if (await isSeriesFolder(kind, argument)) return resolve(argument);
  const fitting = seriesCalled(kind, argument, listed);
  const [one] = fitting;
  if (one !== undefined && fitting.length === 1) return one.folder;
  if (one !== undefined)
    throw new UnreadableRun(
      `"${argument}" could be any of ${fitting.map(({ id }) => id).join(', ')}`,
      'write more of the id',
    );
  throw new UnreadableRun(
    `there is no ${word} "${argument}" in ${runsDirectory}`,
    newest === undefined
      ? `no ${word} is there yet; choose another place with --runs DIR`
      : `the last one is ${newest.id}`,
  );
}

export interface ListedSeries {
  readonly id: string;
  readonly folder: string;
}

/** The series of a directory by their folders' names, oldest first; empty where there is no such directory. */
export async function listSeries({ word }: Named, runsDirectory: string): Promise<readonly ListedSeries[]> {
  const suffix = `.${word}`;
  const names = (await readdir(runsDirectory).catch(() => [])).filter((name) => name.endsWith(suffix)).toSorted();
  return names.map((name) => ({ id: name.slice(0, -suffix.length), folder: join(resolve(runsDirectory), name) }));
}

export async function isSeriesFolder(kind: Named, path: string): Promise<boolean> {
  return path !== '' && (await stat(join(path, firstFile(kind))).catch(() => null)) !== null;
}

/** The one whose id, or whose folder's name, it is; else those whose ids begin so. */
export function seriesCalled(
  { word }: Named,
  argument: string,
  listed: readonly ListedSeries[],
): readonly ListedSeries[] {
  const wanted = basename(argument, `.${word}`);
  const exact = listed.filter(({ id }) => id === wanted);
  return exact.length > 0 ? exact : listed.filter(({ id }) => wanted !== '' && id.startsWith(wanted));
}

async function textOf({ word }: Named, path: string, name: string): Promise<string> {
  try {
    return await readFile(join(path, name), 'utf8');
  } catch (error) {
    throw new UnreadableRun(`${join(path, name)} cannot be read: ${systemCause(error)}`, `start a new ${word}`);
  }
}
