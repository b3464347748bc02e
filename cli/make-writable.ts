import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { UsageError } from './present-failure.ts';

/** The folder, made where it is missing; looked at before the load, so that no run ends in a place that cannot be written. */
export async function makeWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      'choose another folder with --out DIR',
    );
  }
}
