import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and what is missing above it. Not by mkdir's own `recursive`: that never ends where a file system says
 * "no such file" of a new folder although its parent is there, as /proc does.
 *
 * @throws Error of the file system, or one that says that it takes no folders
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // Somebody else may have made it in the meantime.
    if (await isFolder(folder)) return;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(`no folder can be made in ${parent}`, { cause: error });
    throw error;
  }
}

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
