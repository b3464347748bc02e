import { type FileHandle, open } from 'node:fs/promises';
import { decodeProfile } from '../analysis/profiles/decode-profile.ts';
import type { Profile } from '../analysis/profiles/profile.ts';
import { UnreadableProfile } from '../analysis/profiles/unreadable-profile.ts';
import { systemCause } from '../model/system-cause.ts';
import { inMebibytes, mebibytes } from '../model/units.ts';
import { misuse } from '../scenarios/misuse.ts';
import type { Reasons } from '../scenarios/reasons.ts';
import { parseCount } from './parse-count.ts';
import type { ProfileKind } from '../model/plan.ts';

/** Of one file, compressed or not. What a Go service gives is a few hundred kB, rarely 10 MB. */
const limit = mebibytes(128);
const chunkSize = mebibytes(1);

const hint = 'give a file as /debug/pprof/ (without ?debug=1) or go test -cpuprofile writes it';

export interface StageOfRun {
  readonly stage: string | undefined;
  readonly kind: ProfileKind | undefined;
}

/** The profiles in files; with --stage and --kind those of runs. What cannot be read is noted, all of it. */
export async function readProfiles(
  names: readonly string[],
  { stage, kind }: StageOfRun,
  runsDirectory: string,
  reasons: Reasons,
): Promise<readonly Profile[]> {
  if (stage === undefined && kind === undefined) {
    const read = await Promise.all(
      names.map((name) => reasons.gather<readonly Profile[]>(name, [], async () => [await readFile(name)])),
    );
    return read.flat();
  }
  if (stage === undefined || kind === undefined) {
    const [missing, example] = stage === undefined ? ['--stage', '--stage 2'] : ['--kind', '--kind cpu'];
    if (!reasons.list.some(({ where }) => where === missing))
      reasons.add(missing, 'is missing: a profile of a run has a stage and a kind', `add ${example}`);
    return [];
  }
  const number = reasons.collect('--stage', null, () => parseCount(stage, 0));
  if (number === null) return [];
  const { profilesOfRun } = await import('./profiles-of-run.ts');
  const read = names.map((name) =>
    reasons.gather<readonly Profile[]>(name, [], () => profilesOfRun(name, runsDirectory, number, kind)),
  );
  return (await Promise.all(read)).flat();
}

/** @throws MisuseError with one reason */
async function readFile(file: string): Promise<Profile> {
  const bytes = await bytesOf(file);
  try {
    return decodeProfile(bytes, limit);
  } catch (error) {
    if (!(error instanceof UnreadableProfile)) throw error;
    throw misuse('', error.message, hint);
  }
}

/** No more than the limit is read, of a pipe too: `profile top <(curl …)`. */
async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file);
    try {
      return await bytesFrom(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw misuse(
      '',
      `cannot be read: ${systemCause(error)}`,
      'check the path; of a run say which profile: --stage N --kind cpu',
    );
  }
}

async function bytesFrom(handle: FileHandle): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const buffer = new Uint8Array(chunkSize);
  for (let length = 0; length <= limit;) {
    const { bytesRead } = await handle.read(buffer, 0, chunkSize, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.slice(0, bytesRead));
    length += bytesRead;
  }
  throw misuse('', `is no profile: it is larger than ${inMebibytes(limit)} MiB`, hint);
}
