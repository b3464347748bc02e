import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { systemCause } from '../model/system-cause.ts';
import { makeFolder } from '../runners/store/make-folder.ts';
import { UsageError } from './present-failure.ts';

/** The folder, made where it is missing; looked at before the load, so that no run ends in a place that cannot be written. */
export async function makeWritable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`${folder} cannot be written: ${systemCause(error)}`, 'choose another folder with --out DIR');
  }
}
