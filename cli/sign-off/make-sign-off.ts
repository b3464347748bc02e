import type { KeyObject } from 'node:crypto';
import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { builtFrom } from '../../analysis/sign-off/built-from.ts';
import { judgeSignOff } from '../../analysis/sign-off/judge-sign-off.ts';
import type { RegressionEvidence } from '../../analysis/sign-off/sign-off-asked.ts';
import type { TestedRun } from '../../analysis/sign-off/tested-run.ts';
import type { GatePolicy } from '../../model/gate-policy.ts';
import type { SignOff, Subject, Waiver } from '../../model/sign-off.ts';
import { composeSignOff } from '../../reports/compose/compose-sign-off.ts';
import type { Document } from '../../reports/document.ts';
import { toMarkdown } from '../../reports/render/to-markdown.ts';
import { makeFolder } from '../../runners/store/make-folder.ts';
import { fileIdentity } from '../../runners/store/manifest.ts';
import { storeFailure } from '../../runners/store/store-failure.ts';
import { writeWholeFile } from '../../runners/store/write-whole-file.ts';
import { envelopeText, sealed } from '../../runners/sign-off/envelope.ts';
import { artifactsIn, copyInto } from '../../runners/sign-off/gather-artifacts.ts';
import { hashOfFields } from '../../runners/sign-off/hash-of-fields.ts';
import { type Statement, encodeStatement } from '../../runners/sign-off/statement.ts';
import { misuse } from '../../scenarios/misuse.ts';
import { plimsollVersion } from '../version.ts';
import { readTestedRuns } from './read-tested-runs.ts';
import type { SignOffFiles } from './sign-off-files.ts';
import type { ParsedSignOff } from './sign-off-options.ts';
import { type readSubject, subjectFrom } from './subject-from.ts';

/** Everything that a sign-off is made of, checked as far as flags and small files go. */
export interface SignOffRequest {
  readonly runs: readonly string[];
  readonly runsDirectory: string;
  readonly asked: ParsedSignOff;
  readonly given: readonly NonNullable<Awaited<ReturnType<typeof readSubject>>>[];
  readonly commit: string | null;
  readonly service: string | null;
  readonly waivers: readonly Waiver[];
  readonly regressions: RegressionEvidence;
  /** Files that are kept as they are; null: not given. */
  readonly policy: { readonly file: string; readonly rules: GatePolicy } | null;
  readonly comparisonFile: string | null;
  readonly waiversFile: string | null;
  readonly key: KeyObject;
}

export interface MadeSignOff {
  readonly statement: Statement;
  readonly document: Document;
}

/**
 * Gathers the evidence, judges it, writes both reports, and signs the statement that holds the hash of every file. The
 * folder of artefacts has a name of its own until all is there; nothing that exists is written over.
 *
 * @throws MisuseError, UnreadableRun, StoreFailure
 */
export async function makeSignOff(request: SignOffRequest, files: SignOffFiles): Promise<MadeSignOff> {
  for (const place of [files.envelope, files.artifacts])
    if ((await lstat(place).catch(() => null)) !== null)
      throw misuse('--out', `${place} is there already`, 'choose another place: a sign-off is never written over');
  const fresh = `${files.artifacts}.partial`;
  await rm(fresh, { recursive: true, force: true });
  try {
    await makeFolder(fresh).catch((error: unknown) => {
      throw storeFailure(error, fresh);
    });
    const made = await gather(request, fresh);
    await rename(fresh, files.artifacts);
    await sign(made.statement, request.key, files);
    return made;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Artefacts that nobody signed are taken away again. */
async function sign(statement: Statement, key: KeyObject, { envelope, artifacts }: SignOffFiles): Promise<void> {
  try {
    await writeWholeFile(envelope, envelopeText(sealed(encodeStatement(statement), key)));
  } catch (error) {
    await rm(artifacts, { recursive: true, force: true });
    throw error;
  }
}

async function gather(request: SignOffRequest, folder: string): Promise<MadeSignOff> {
  const { asked, commit, given, waivers, regressions } = request;
  const rules = request.policy?.rules ?? null;
  const runs = await readTestedRuns(request.runs, request.runsDirectory, folder, rules);
  const kept = await keep(request.policy?.file ?? null, folder, 'policy');
  const policy = kept === null || rules === null ? null : { ...kept, rules };
  await keep(request.comparisonFile, folder, 'comparison');
  await keep(request.waiversFile, folder, 'waivers');
  const subject = await subjectFrom(given, commit, runs);
  const judged = judgeSignOff(runs, { ...asked, subject, policy, waivers, regressions });
  const environmentSha256 = hashOfFields(judged.environment);
  const settingsSha256 = hashOfFields(Object.fromEntries(judged.settings.map(({ name, value }) => [name, value])));
  const signOff: SignOff = {
    ...judged,
    configuration: [
      ...(policy === null ? [] : [{ name: policy.name, digest: { sha256: policy.sha256 } }]),
      { name: 'environment', digest: { sha256: environmentSha256 } },
      { name: 'settings', digest: { sha256: settingsSha256 } },
    ],
    service: request.service ?? runs[0]?.analysis.environment.target.modulePath ?? runs[0]?.plan.name ?? 'service',
    plimsollVersion: plimsollVersion(),
    validity: {
      from: new Date(asked.now).toISOString(),
      expires: asked.expires,
      commit: commit ?? builtFrom(runs).revision,
      environmentSha256,
      settingsSha256,
      forecastUpToPerSecond: asked.trafficTarget.ratePerSecond,
    },
    artifacts: [],
  };
  const subjects = subject.subjects.length > 0 ? subject.subjects : await runsThemselves(runs, folder);
  const document = composeSignOff(signOff, subjects);
  await writeReports(document, folder);
  return {
    document,
    statement: { subject: subjects, predicate: { ...signOff, artifacts: await artifactsIn(folder) } },
  };
}

async function keep(
  file: string | null,
  folder: string,
  kind: string,
): Promise<{ readonly name: string; readonly sha256: string } | null> {
  if (file === null) return null;
  const name = `${kind}/${basename(file)}`;
  await copyInto(file, join(folder, name));
  return { name, sha256: (await fileIdentity(join(folder, name))).sha256 };
}

/** A statement has to be about something: where nothing else is known, about what the runs wrote first. */
async function runsThemselves(runs: readonly TestedRun[], folder: string): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const run of runs) {
    const file = join(folder, run.folder, run.search === null ? 'run.json' : 'search.json');
    subjects.push({ name: `run ${run.id}`, digest: { sha256: (await fileIdentity(file)).sha256 } });
  }
  return subjects;
}

async function writeReports(document: Document, folder: string): Promise<void> {
  const { toHtml } = await import('../../reports/render/to-html.ts');
  await writeFile(join(folder, 'report.html'), await toHtml(document));
  await writeFile(join(folder, 'report.md'), toMarkdown(document));
}
