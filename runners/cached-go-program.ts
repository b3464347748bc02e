import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { parseDuration } from '../model/units.ts';
import { type BuildSurroundings, buildGoProgram, checkGo } from './go-toolchain.ts';
import { RunFailure } from './world.ts';

/** A Go program of ours that is built on the user's machine when it is first needed. */
export interface OwnGoProgram {
  readonly name: string;
  /** Its module. */
  readonly directory: string;
  /** Folder of the cache. */
  readonly place: 'services' | 'engines';
  /** What the first build takes, for the one who waits. */
  readonly estimate: string;
  readonly stripped?: boolean;
}

export interface BuiltProgram {
  readonly file: string;
  /** Of its sources and the Go version that made it. */
  readonly hash: string;
}

/** Programs that nobody has asked for in this time are removed from the cache. */
const keptFor = parseDuration('336h');

/**
 * Builds a program, or finds it in the user's cache, where it lies under the hash of its sources and the Go version that
 * made it. @throws RunFailure
 */
export async function cachedGoProgram(
  program: OwnGoProgram,
  say: (message: string) => void,
  surroundings: BuildSurroundings = {},
): Promise<BuiltProgram> {
  const { name, directory, place, estimate, stripped = false } = program;
  const environment = surroundings.environment ?? process.env;
  const goVersion = await checkGo(surroundings);
  const hash = await hashOfSources(directory, goVersion);
  const cache = await cacheFolder(environment, place, surroundings.phase ?? 'target');
  const file = join(cache, `${name}-${hash}`);
  if (await exists(file)) {
    say(`${name} is built already`);
    return { file, hash };
  }
  say(`building ${name} (${estimate})`);
  const fresh = await mkdtemp(join(cache, 'build-'));
  try {
    await buildGoProgram({ directory, output: join(fresh, name), stripped }, surroundings);
    await rename(join(fresh, name), file);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  await removeOld(cache);
  return { file, hash };
}

/** Tests and their data don't change the program; whatever else lies there may be embedded in it. */
async function hashOfSources(directory: string, goVersion: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('_test.go') && !entry.name.endsWith('.md'))
    .filter((entry) => !entry.parentPath.split(sep).includes('testdata'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const hash = createHash('sha256').update(`${goVersion} ${process.platform} ${process.arch}\n`);
  for (const file of files) {
    const text = await readFile(file);
    hash.update(`${file.slice(directory.length)} ${text.length}\n`).update(text);
  }
  return hash.digest('hex').slice(0, 16);
}

/** A folder that only this user can write to, since what lies there is run. */
async function cacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  place: OwnGoProgram['place'],
  phase: RunFailure['phase'],
): Promise<string> {
  const ofSystem = process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
  const wanted = join(environment['XDG_CACHE_HOME'] || ofSystem, 'plimsoll', place);
  try {
    await mkdir(wanted, { recursive: true });
    // Tells whether it can be written to, and takes the folder from others.
    await chmod(wanted, 0o700);
    return wanted;
  } catch {
    // a home that is missing or read-only, as in some containers
  }
  const user = process.getuid?.() ?? 0;
  const spare = join(tmpdir(), `plimsoll-${place}-${user}`);
  await mkdir(spare, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  const { uid } = await stat(spare);
  if (uid !== user)
    throw new RunFailure(phase, `${spare} belongs to another user`, 'set XDG_CACHE_HOME to a folder of your own');
  return spare;
}

async function removeOld(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const file = join(cache, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && Date.now() - Math.max(found.atimeMs, found.mtimeMs) > keptFor)
      await rm(file, { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
