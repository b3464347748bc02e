import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCause } from '../../model/system-cause.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import { partialSuffix } from './run-folder-files.ts';
import { startOfRun } from './run-id.ts';
import { UnreadableRun } from './unreadable-run.ts';

export interface ListedRun {
  readonly id: string;
  readonly folder: string;
  /** To the second. */
  readonly startedAt: EpochMilliseconds;
  /** Not complete: still under way, or interrupted. */
  readonly partial: boolean;
}

/** The runs of a directory by their folders' names, oldest first; empty where there is no such directory. */
export async function listRuns(runsDirectory: string): Promise<readonly ListedRun[]> {
  const entries = await readdir(runsDirectory, { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new UnreadableRun(
      `the runs directory ${runsDirectory} cannot be read: ${systemCause(error)}`,
      'choose another one with --runs DIR',
    );
  });
  return entries
    .flatMap((entry) => {
      const partial = entry.name.endsWith(partialSuffix);
      const id = partial ? entry.name.slice(0, -partialSuffix.length) : entry.name;
      const startedAt = entry.isDirectory() ? startOfRun(id) : null;
      return startedAt === null ? [] : [{ id, folder: join(runsDirectory, entry.name), startedAt, partial }];
    })
    .toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
}
