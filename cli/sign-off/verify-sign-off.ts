import type { KeyObject } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasExpired } from '../../analysis/sign-off/apply-waivers.ts';
import { testResultOf, verdictOf } from '../../analysis/sign-off/verdict-of-checklist.ts';
import { rateText } from '../../model/rate-text.ts';
import { type RunSummary, type SignOff, checkIds } from '../../model/sign-off.ts';
import { systemCause } from '../../model/system-cause.ts';
import { type EpochMilliseconds, type PerSecond, mebibytes } from '../../model/units.ts';
import { checkArtifacts } from '../../runners/sign-off/check-artifacts.ts';
import { type Envelope, decodeEnvelope, opened, unverifiedPayload } from '../../runners/sign-off/envelope.ts';
import { hashOfFields } from '../../runners/sign-off/hash-of-fields.ts';
import { type Statement, decodeStatement } from '../../runners/sign-off/statement.ts';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import type { SignOffFiles } from './sign-off-files.ts';

export const refusalCodes = [
  'signature',
  'statement',
  'missing',
  'altered',
  'link',
  'not-a-file',
  'unsafe-name',
  'listed-twice',
  'unlisted',
  'swapped-run',
  'checklist',
  'not-yet-valid',
  'expired',
  'waiver-expired',
  'commit',
  'subject',
  'environment',
  'settings',
  'forecast',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export interface Refusal {
  readonly code: RefusalCode;
  /** Which artefact, waiver or field; null: the sign-off as a whole. */
  readonly where: string | null;
  readonly message: string;
}

export interface Verification {
  /** `unverified`: no key was given, so nobody knows who signed it. */
  readonly status: 'valid' | 'refused' | 'unverified';
  /** Null where the statement could not be read. */
  readonly statement: Statement | null;
  readonly keyIds: readonly string[];
  readonly refusals: readonly Refusal[];
}

/** What is so now: a sign-off that was made for something else is refused. Null: not said, so not looked at. */
export interface Circumstances {
  readonly now: EpochMilliseconds;
  readonly commit: string | null;
  readonly subjectSha256: string | null;
  readonly forecast: PerSecond | null;
  /** Environment and settings of a run of today. */
  readonly run: {
    readonly environment: Readonly<Record<string, string | null>>;
    readonly settings: ReadonlyMap<string, string>;
  } | null;
}

/** Statements are kilobytes, whatever they rest on. */
const largestEnvelope = mebibytes(64);

/**
 * Looks at everything that can be looked at without a network: signature, the hash of every artefact, dates, waivers, and
 * whether the result follows from the checklist. What is not believed is not read further.
 *
 * @throws UnreadableRun where the file is no sign-off at all
 */
export async function verifySignOff(
  files: SignOffFiles,
  keys: readonly KeyObject[],
  circumstances: Circumstances,
): Promise<Verification> {
  const text = await readEnvelope(files.envelope);
  const envelope = decodeEnvelope(text);
  if (envelope === null)
    throw new UnreadableRun(`${files.envelope} is no sign-off`, 'give the file that "plimsoll signoff make" wrote');
  const keyIds = envelope.signatures.map(({ keyid }) => keyid);
  const refused = (code: RefusalCode, reasons: readonly string[]): Verification => ({
    status: 'refused',
    statement: null,
    keyIds,
    refusals: reasons.map((message) => ({ code, where: null, message })),
  });
  const believed = payloadOf(envelope, text, keys);
  if (Array.isArray(believed)) return refused('signature', believed);
  const statement = decodeStatement(believed);
  if (typeof statement === 'string') return refused('statement', [statement]);
  const refusals = [
    ...(await artifactRefusals(files.artifacts, statement.predicate)),
    ...checklistRefusals(statement.predicate),
    ...dateRefusals(statement.predicate, circumstances.now),
    ...circumstanceRefusals(statement, circumstances),
  ];
  return {
    status: refusals.length > 0 ? 'refused' : keys.length === 0 ? 'unverified' : 'valid',
    statement,
    keyIds,
    refusals,
  };
}

async function readEnvelope(file: string): Promise<string> {
  const hint = 'give the file that "plimsoll signoff make" wrote, or its folder';
  const found = await lstat(file).catch((error: unknown) => {
    throw new UnreadableRun(`${file} cannot be read: ${systemCause(error)}`, hint);
  });
  if (!found.isFile() || found.size > largestEnvelope) throw new UnreadableRun(`${file} is no sign-off`, hint);
  return readFile(file, 'utf8');
}

/** The signed bytes, or why they are not believed. */
function payloadOf(envelope: Envelope, text: string, keys: readonly KeyObject[]): Uint8Array | string[] {
  if (keys.length === 0) return unverifiedPayload(envelope) ?? ['the payload is no base64'];
  const open = opened(envelope, text, keys);
  return open.status === 'opened' ? open.payload : [...open.reasons];
}

async function artifactRefusals(folder: string, { artifacts, runs }: SignOff): Promise<readonly Refusal[]> {
  const faults = await checkArtifacts(folder, artifacts);
  const refusals = faults.map(({ code, name, message }): Refusal => ({ code, where: name, message }));
  // Names that lead elsewhere are not followed, and what was altered was said.
  if (refusals.length > 0) return refusals;
  const listed = new Set(artifacts.map(({ name }) => name));
  for (const run of runs) {
    const refusal = await swappedRun(folder, run, listed);
    if (refusal !== null) refusals.push(refusal);
  }
  return refusals;
}

/** A run whose record is not the one that the statement speaks of, though its hash fits: who signed it mixed them up. */
async function swappedRun(
  folder: string,
  { id, kind, folder: place }: RunSummary,
  listed: ReadonlySet<string>,
): Promise<Refusal | null> {
  const name = `${place}/${kind === 'run' ? 'run.json' : 'search.json'}`;
  if (!listed.has(name))
    return { code: 'missing', where: name, message: `the record of ${id}, ${name}, is not listed` };
  const found = await idIn(join(folder, name));
  return found === id
    ? null
    : { code: 'swapped-run', where: name, message: `${name} is of ${found ?? 'no run'}, not of ${id}` };
}

async function idIn(file: string): Promise<string | null> {
  try {
    return z.object({ id: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).id;
  } catch {
    return null; // no record at all
  }
}

const refuse = (message: string): Refusal => ({ code: 'checklist', where: null, message });

/** A result that its own checklist does not bear out. */
function checklistRefusals(signOff: SignOff): readonly Refusal[] {
  const ids = signOff.checklist.map(({ id }) => id);
  const missing = checkIds.filter((id) => !ids.includes(id));
  const expected = testResultOf(signOff.checklist);
  return [
    ...missing.map((id) => refuse(`the checklist lacks ${id}`)),
    ...(ids.length > new Set(ids).size ? [refuse('the checklist has a line twice')] : []),
    ...(signOff.verdict === verdictOf(signOff.checklist)
      ? []
      : [refuse(`it says ${signOff.verdict}, but its checklist says ${verdictOf(signOff.checklist)}`)]),
    ...(signOff.result === expected.result
      ? []
      : [refuse(`its result is ${signOff.result} instead of ${expected.result}`)]),
    ...signOff.checklist
      .filter(({ id, status }) => status === 'waived' && !signOff.waivers.some(({ scope }) => scope === id))
      .map(({ id }) => refuse(`${id} is waived without a waiver`)),
  ];
}

function dateRefusals({ validity, waivers }: SignOff, now: EpochMilliseconds): readonly Refusal[] {
  return [
    ...(Date.parse(validity.from) > now
      ? [{ code: 'not-yet-valid' as const, where: null, message: `it is valid from ${validity.from} on` }]
      : []),
    ...(Date.parse(validity.expires) > now
      ? []
      : [{ code: 'expired' as const, where: null, message: `it ended at ${validity.expires}` }]),
    ...waivers
      .filter((waiver) => hasExpired(waiver, now))
      .map(({ scope, owner, expires }) => ({
        code: 'waiver-expired' as const,
        where: scope,
        message: `the waiver of ${owner} for ${scope} ended at ${expires}`,
      })),
  ];
}

function circumstanceRefusals(
  { subject, predicate: { validity, environment, settings } }: Statement,
  { commit, subjectSha256, forecast, run }: Circumstances,
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const known = validity.commit;
  if (commit !== null && (known === null || !(known.startsWith(commit) || commit.startsWith(known))))
    refusals.push({
      code: 'commit',
      where: null,
      message: `it is for commit ${known ?? 'unknown'}, not for ${commit}`,
    });
  if (subjectSha256 !== null && !subject.some(({ digest }) => digest['sha256'] === subjectSha256))
    refusals.push({ code: 'subject', where: null, message: `nothing in it has the digest sha256:${subjectSha256}` });
  if (forecast !== null && forecast > validity.forecastUpToPerSecond)
    refusals.push({
      code: 'forecast',
      where: null,
      message: `it is for a peak of up to ${rateText(validity.forecastUpToPerSecond)}, not for ${rateText(forecast)}`,
    });
  if (run === null) return refusals;
  if (hashOfFields(run.environment) !== validity.environmentSha256)
    for (const [name, value] of Object.entries(run.environment))
      if ((environment[name] ?? null) !== value)
        refusals.push({
          code: 'environment',
          where: name,
          message: `${name} is ${value ?? 'unknown'}, and was ${environment[name] ?? 'unknown'}`,
        });
  for (const { name, value } of settings)
    if (run.settings.get(name) !== value)
      refusals.push({
        code: 'settings',
        where: name,
        message: `${name} is ${run.settings.get(name) ?? 'not set'}, and was ${value}`,
      });
  return refusals;
}
