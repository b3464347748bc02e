import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProfileCapture } from '../../model/measurements.ts';
import { UnreadableRun } from './unreadable-run.ts';

/**
 * The compressed bytes of one profile of a loaded run; null where it was not captured. @throws UnreadableRun where the
 * file is gone or has another size than the record says
 */
export async function readProfile(folder: string, profile: ProfileCapture): Promise<Uint8Array | null> {
  if (profile.content.status !== 'captured') return null;
  const { file, bytes } = profile.content.value;
  const content = await readFile(join(folder, file)).catch(() => null);
  if (content === null)
    throw new UnreadableRun(`${folder}: ${file} cannot be read`, 'restore the folder from where it came from');
  if (content.byteLength !== bytes)
    throw new UnreadableRun(
      `${folder}: ${file} has ${content.byteLength} bytes instead of ${bytes}`,
      'restore the folder from where it came from',
    );
  return content;
}
