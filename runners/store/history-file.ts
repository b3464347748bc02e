import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type HistoryEntry, historyFormat } from '../../model/history-entry.ts';
import { systemCause } from '../../model/system-cause.ts';
import { type Milliseconds, epochMilliseconds, milliseconds, seconds } from '../../model/units.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { makeFolder } from './make-folder.ts';
import { storeFailure } from './store-failure.ts';
import { UnreadableRun } from './unreadable-run.ts';

/*
 * A history is a file of lines, one JSON object for each run, to which lines are added and nothing else is ever done. A
 * year of nights is a few thousand lines, which are read in a fraction of a second: there is no index to go stale.
 */

/** The entries that can be read, oldest run first, and what is wrong with the other lines. */
export interface History {
  readonly entries: readonly HistoryEntry[];
  readonly damaged: readonly { readonly line: number; readonly reason: string }[];
}

const key = z.string().nullable();

const entryShape = z.object({
  formatVersion: z.literal(historyFormat),
  project: z.string(),
  service: z.string(),
  scenario: z.string(),
  scenarioHash: z.string(),
  arm: z.enum(['candidate', 'reference']),
  pair: key,
  run: z.string(),
  commit: key,
  configHash: z.string(),
  environmentHash: z.string(),
  validity: z.object({ status: z.enum(['ok', 'partial', 'invalid']), reasons: z.array(z.string()) }),
  startedAt: z.number().transform(epochMilliseconds),
  stages: z.array(
    z.object({
      index: z.int().nonnegative(),
      name: z.string(),
      load: z.number(),
      valid: z.boolean(),
      late: z.boolean(),
      figures: z.record(z.string(), z.number().nullable()),
    }),
  ),
}) satisfies z.ZodType<HistoryEntry>;

/** Reads a history. A line that was cut, or is of a newer plimsoll, costs that line alone. @throws UnreadableRun */
export async function readHistory(file: string): Promise<History> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UnreadableRun(
      `the history ${file} cannot be read: ${systemCause(error)}`,
      'add a run to it first with "plimsoll history add RUN", or choose another one with --history FILE',
    );
  });
  return parseHistory(text);
}

function parseHistory(text: string): History {
  const byRun = new Map<string, HistoryEntry>();
  const damaged: { line: number; reason: string }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = readLine(line);
    if (typeof read === 'string') damaged.push({ line: index + 1, reason: read });
    else if (byRun.has(read.run)) damaged.push({ line: index + 1, reason: `the run ${read.run} is there already` });
    else byRun.set(read.run, read);
  }
  const entries = [...byRun.values()].toSorted((left, right) => left.startedAt - right.startedAt);
  return { entries, damaged };
}

const versionShape = z.object({ formatVersion: z.int() });

/** The entry, or why it is none. */
function readLine(line: string): HistoryEntry | string {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return 'it was cut or altered';
  }
  const version = versionShape.safeParse(data).data?.formatVersion ?? null;
  if (version !== null && version > historyFormat) return `it was written in format ${version} by a newer plimsoll`;
  const entry = entryShape.safeParse(data);
  return entry.success ? entry.data : 'it is no line of a history';
}

const longestWait = seconds(30);
const betweenTries = milliseconds(50);

/**
 * Adds entries to a history, which is made where there is none. Runs that are in it already are left as they are. Writers
 * wait for one another, and a line that a writer left unfinished when it was killed is closed, so that it spoils no other.
 *
 * @returns ids of the runs that were added
 * @throws UnreadableRun where another writer holds it for half a minute
 * @throws StoreFailure where it cannot be written
 */
export async function appendHistory(
  file: string,
  entries: readonly HistoryEntry[],
  wait: Milliseconds = longestWait,
): Promise<readonly string[]> {
  const folder = dirname(resolve(file));
  await makeFolder(folder).catch((error: unknown) => {
    throw storeFailure(error, folder);
  });
  const lock = await lockPatiently(folder, file, wait);
  try {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    });
    const known = new Set(parseHistory(text).entries.map(({ run }) => run));
    const fresh = entries.filter(({ run }) => !known.has(run));
    if (fresh.length > 0) await append(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${linesOf(fresh)}`);
    return fresh.map(({ run }) => run);
  } catch (error) {
    throw storeFailure(error, file);
  } finally {
    await lock.release();
  }
}

const linesOf = (entries: readonly HistoryEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entryShape.parse(entry))}\n`).join('');

async function append(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function lockPatiently(folder: string, file: string, wait: Milliseconds): Promise<FolderLock> {
  for (let waited = 0; ; waited += betweenTries) {
    try {
      return await lockFolder(folder, `the history ${file}`);
    } catch (error) {
      if (!(error instanceof UnreadableRun) || waited >= wait) throw error;
      await delay(betweenTries);
    }
  }
}
