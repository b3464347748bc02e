import { sizeText } from '../../model/size-text.ts';
import type { Bytes } from '../../model/units.ts';
import { freeDisk } from './free-disk.ts';
import { makeFolder } from './make-folder.ts';
import { StoreFailure, storeFailure } from './store-failure.ts';

/**
 * Makes the folder of run folders and looks whether the abort rule about free disk would end the load at once. `least`
 * null: no such rule. @throws StoreFailure
 */
export async function prepareRunsDirectory(runsDirectory: string, least: Bytes | null): Promise<void> {
  let free: Bytes;
  try {
    await makeFolder(runsDirectory);
    free = await freeDisk(runsDirectory);
  } catch (error) {
    throw storeFailure(error, runsDirectory);
  }
  if (least === null || free >= least) return;
  throw new StoreFailure(
    'disk-full',
    `${sizeText(free)} are free where ${runsDirectory} is, and a run needs ${sizeText(least)} of room`,
    'free some space, or choose another place with --runs DIR; abort.freeDisk in a scenario sets the limit',
  );
}
