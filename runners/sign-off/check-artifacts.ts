import { lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Artifact } from '../../model/sign-off.ts';
import { fileIdentity } from '../store/manifest.ts';

export type ArtifactFault = 'missing' | 'altered' | 'link' | 'not-a-file' | 'unsafe-name' | 'listed-twice' | 'unlisted';

export interface FaultyArtifact {
  readonly code: ArtifactFault;
  readonly name: string;
  readonly message: string;
}

/**
 * Every file that a sign-off lists against what is in the folder now, and what is there beside them. A name that leads out
 * of the folder, by its text or through a link, is never followed.
 */
export async function checkArtifacts(
  folder: string,
  artifacts: readonly Artifact[],
): Promise<readonly FaultyArtifact[]> {
  const found = await lstat(folder).catch(() => null);
  if (found === null)
    return [{ code: 'missing', name: '.', message: `the folder of artefacts, ${folder}, is missing` }];
  if (!found.isDirectory())
    return [{ code: found.isSymbolicLink() ? 'link' : 'not-a-file', name: '.', message: `${folder} is not a folder` }];
  const faults: FaultyArtifact[] = [];
  const listed = new Set<string>();
  for (const artifact of artifacts) {
    const fault = listed.has(artifact.name)
      ? { code: 'listed-twice' as const, message: 'is listed twice' }
      : await faultOf(folder, artifact);
    listed.add(artifact.name);
    if (fault !== null)
      faults.push({
        code: fault.code,
        name: artifact.name,
        message: `${JSON.stringify(artifact.name)} ${fault.message}`,
      });
  }
  for (const name of await filesIn(folder))
    if (!listed.has(name))
      faults.push({
        code: 'unlisted',
        name,
        message: `${JSON.stringify(name)} is there, and is no part of the sign-off`,
      });
  return faults;
}

type Fault = Pick<FaultyArtifact, 'code' | 'message'>;

async function faultOf(folder: string, { name, bytes, sha256 }: Artifact): Promise<Fault | null> {
  if (!isSafe(name)) return { code: 'unsafe-name', message: 'is no name of a file in the folder' };
  const parts = name.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const above = await lstat(join(folder, ...parts.slice(0, depth))).catch(() => null);
    if (above?.isSymbolicLink() === true) return { code: 'link', message: 'is behind a link' };
  }
  const file = join(folder, ...parts);
  const found = await lstat(file).catch(() => null);
  if (found === null) return { code: 'missing', message: 'is missing' };
  if (found.isSymbolicLink()) return { code: 'link', message: 'is a link, not the file that was signed' };
  if (!found.isFile()) return { code: 'not-a-file', message: 'is not a file' };
  const now = await fileIdentity(file).catch(() => null);
  if (now === null) return { code: 'missing', message: 'cannot be read' };
  return now.bytes === bytes && now.sha256 === sha256
    ? null
    : {
        code: 'altered',
        message: `was altered: it has ${now.bytes} bytes with SHA-256 ${now.sha256}, signed were ${bytes} with ${sha256}`,
      };
}

/** A path below the folder, part by part; no other spelling of one. */
const isSafe = (name: string): boolean =>
  !name.includes('\\') && !/\p{Cc}/u.test(name) && name.split('/').every((part) => !['', '.', '..'].includes(part));

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
}
