import { lstat, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type Manifest, decodeManifest, fileIdentity } from './manifest.ts';
import { runFiles } from './run-folder-files.ts';
import { UnreadableRun } from './unreadable-run.ts';

const hint = 'put back the one that was written, or run again: other settings belong to a new run';

/**
 * Before anything in `run.json` is believed: where there is a manifest, it must be the file that was written with it.
 * Otherwise an edited id would look like a foreign manifest, and an edited state like a run that was interrupted.
 *
 * @throws UnreadableRun
 */
export async function refuseChangedRecord(folder: string): Promise<void> {
  const manifest = await manifestThere(folder);
  const listed = manifest?.files[runFiles.record];
  const file = join(folder, runFiles.record);
  const found = await lstat(file).catch(() => null);
  // What is missing or no file at all is said by who reads it.
  if (manifest === null || listed === undefined || found?.isFile() !== true) return;
  if (found.size === listed.bytes && (await fileIdentity(file)).sha256 === listed.sha256) return;
  const id = await idIn(file);
  const foreign = id !== null && id !== manifest.id && manifest.id !== basename(folder);
  throw new UnreadableRun(
    foreign
      ? `${folder}: ${runFiles.record} and ${runFiles.manifest} are not of the same run, or ${runFiles.record} was changed after the run was written`
      : `${folder}: ${runFiles.record} was changed after the run was written, so none of its figures can be trusted`,
    hint,
  );
}

/** Null where there is none, or none that this version can read: both are judged later. */
async function manifestThere(folder: string): Promise<Manifest | null> {
  try {
    return decodeManifest(JSON.parse(await readFile(join(folder, runFiles.manifest), 'utf8')));
  } catch {
    return null;
  }
}

async function idIn(file: string): Promise<string | null> {
  try {
    return z.object({ id: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).id;
  } catch {
    return null; // no longer a record at all
  }
}
