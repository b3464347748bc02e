import { lstat } from 'node:fs/promises';
import { basename } from 'node:path';
import { builtFrom } from '../../analysis/sign-off/built-from.ts';
import type { SubjectAsked } from '../../analysis/sign-off/sign-off-asked.ts';
import type { TestedRun } from '../../analysis/sign-off/tested-run.ts';
import type { Subject } from '../../model/sign-off.ts';
import { fileIdentity } from '../../runners/store/manifest.ts';
import { readGoBuildInfo } from '../../runners/target/go-build-info.ts';
import type { Reasons } from '../../scenarios/reasons.ts';

interface Identified {
  readonly subject: Subject;
  /** Null for an image, and for what Go did not build. */
  readonly buildId: string | null;
}

const digestText = /^(?:(.+)@)?sha256:([0-9a-f]{64})$/;

/** What --subject names: `IMAGE@sha256:…`, `sha256:…`, or a file, which is hashed. Null where it is none of them. */
export async function readSubject(text: string, reasons: Reasons): Promise<Identified | null> {
  const [, name = 'image', sha256] = digestText.exec(text) ?? [];
  if (sha256 !== undefined) return { subject: { name, digest: { sha256 } }, buildId: null };
  const identified = await identify(text);
  if (identified === null)
    reasons.add(
      '--subject',
      `"${text}" is no file and no digest`,
      'write a binary, or IMAGE@sha256:<64 hexadecimal digits>',
    );
  return identified;
}

async function identify(file: string): Promise<Identified | null> {
  const found = await lstat(file).catch(() => null);
  if (found?.isFile() !== true) return null;
  const { sha256 } = await fileIdentity(file);
  return {
    subject: { name: basename(file), digest: { sha256 } },
    buildId: (await readGoBuildInfo(file))?.buildId ?? null,
  };
}

/**
 * What is signed off: what was given; else the binary that the runs launched, where it is still the one that ran; else
 * nothing but the runs themselves, which no sign-off passes with.
 */
export async function subjectFrom(
  given: readonly Identified[],
  commit: string | null,
  runs: readonly TestedRun[],
): Promise<SubjectAsked> {
  const known = given.length > 0 ? given : await launched(runs);
  const source = commit ?? builtFrom(runs).revision;
  const subjects = [
    ...known.map(({ subject }) => subject),
    ...(source === null ? [] : [{ name: 'source', digest: { gitCommit: source } }]),
  ];
  return {
    subjects,
    buildIds: known.flatMap(({ buildId }) => (buildId === null ? [] : [buildId])),
    commit,
    from: given.length > 0 ? 'given' : known.length > 0 ? 'found' : 'unknown',
  };
}

async function launched(runs: readonly TestedRun[]): Promise<readonly Identified[]> {
  const commands = new Set(runs.map(({ analysis }) => analysis.environment.target.command?.[0] ?? ''));
  const [command = '', ...others] = commands;
  if (command === '' || others.length > 0) return [];
  const identified = await identify(command);
  const ran = runs[0]?.analysis.environment.target.buildId ?? null;
  return identified !== null && identified.buildId !== null && identified.buildId === ran ? [identified] : [];
}
