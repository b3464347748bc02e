import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runFiles } from './run-folder-files.ts';
import { type ListedRun, listRuns } from './list-runs.ts';
import { readJson } from './read-run-files.ts';
import { UnreadableRun } from './unreadable-run.ts';

const candidatesShown = 10;

/**
 * The folder that a RUN argument means: `last` (by start), an id, the unique beginning of one, or a folder.
 * @throws UnreadableRun where none fits, or several do: then the candidates are listed
 */
export async function findRun(argument: string, runsDirectory: string): Promise<string> {
  const runs = await listRuns(runsDirectory);
  if (argument === 'last') return lastRun(runs, runsDirectory);
  const exact = runs.find(({ id, folder }) => id === argument || folder === join(runsDirectory, argument));
  if (exact !== undefined) return exact.folder;
  // A path, or a folder that only looks like the beginning of an id: what is there counts.
  if (await isFolderWithRecord(argument)) return argument;
  const [first, ...others] = argument === '' ? [] : runs.filter(({ id }) => id.startsWith(argument));
  if (first !== undefined && others.length === 0) return first.folder;
  if (first !== undefined) throw ambiguous(argument, [first, ...others]);
  if (argument.includes('/') || (await isFolder(argument)))
    throw new UnreadableRun(`${argument} is not a run folder`, 'a run folder holds run.json');
  throw new UnreadableRun(
    `there is no run "${argument}" in ${runsDirectory}`,
    runs.length === 0
      ? 'no run is there yet; choose another place with --runs DIR'
      : `the last one is ${runs.at(-1)?.id ?? ''}`,
  );
}

function ambiguous(argument: string, candidates: readonly ListedRun[]): UnreadableRun {
  const shown = candidates.slice(-candidatesShown).map(({ id }) => id);
  const more = candidates.length > shown.length ? ` and ${candidates.length - shown.length} older` : '';
  return new UnreadableRun(
    `"${argument}" could be any of ${candidates.length} runs: ${shown.join(', ')}${more}`,
    'write more of the id',
  );
}

async function lastRun(runs: readonly ListedRun[], runsDirectory: string): Promise<string> {
  const newest = runs.at(-1);
  if (newest === undefined)
    throw new UnreadableRun(
      `there is no run in ${runsDirectory} yet`,
      'start one, or choose another place with --runs DIR',
    );
  const together = runs.filter(({ startedAt }) => startedAt === newest.startedAt);
  if (together.length === 1) return newest.folder;
  // Ids tell the second only.
  const starts = await Promise.all(
    together.map(async ({ folder }) => ({ folder, startedAt: await exactStart(folder) })),
  );
  return starts.toSorted((a, b) => a.startedAt - b.startedAt).at(-1)?.folder ?? newest.folder;
}

const startShape = z.object({ startedAt: z.number() });

async function exactStart(folder: string): Promise<number> {
  const data = await readJson(folder, runFiles.record).catch(() => null);
  return startShape.safeParse(data).data?.startedAt ?? 0;
}

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const isFolderWithRecord = async (path: string): Promise<boolean> =>
  path !== '' &&
  stat(join(path, runFiles.record)).then(
    () => true,
    () => false,
  );
