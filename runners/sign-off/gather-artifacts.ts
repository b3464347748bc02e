import { constants } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Artifact } from '../../model/sign-off.ts';
import { makeFolder } from '../store/make-folder.ts';
import { fileIdentity } from '../store/manifest.ts';
import { storeFailure } from '../store/store-failure.ts';
import { UnreadableRun } from '../store/unreadable-run.ts';

/**
 * Copies a folder, file by file. A link or a device in it is refused: a copy of what it leads to would not be what was
 * measured. @throws UnreadableRun, StoreFailure
 */
export async function copyFolder(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) continue;
    if (!entry.isFile())
      throw new UnreadableRun(`${path} is not a file, so it is no evidence`, 'restore the run from where it came from');
    await copyInto(path, join(to, relative(from, path)));
  }
}

/** @throws StoreFailure where it cannot be written, or is there already */
export async function copyInto(from: string, to: string): Promise<void> {
  try {
    await makeFolder(dirname(to));
    await copyFile(from, to, constants.COPYFILE_EXCL);
  } catch (error) {
    throw storeFailure(error, to);
  }
}

/** Every file below the folder, by name, with its hash. */
export async function artifactsIn(folder: string): Promise<readonly Artifact[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
  const artifacts: Artifact[] = [];
  for (const name of names) artifacts.push({ name, ...(await fileIdentity(join(folder, name))) });
  return artifacts;
}
