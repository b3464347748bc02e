import type { KeyObject } from 'node:crypto';
import { join, relative } from 'node:path';
import type { SignOffVerdict } from '../../../model/sign-off.ts';
import { readSigningKey } from '../../../runners/sign-off/signing-keys.ts';
import { UnreadableRun } from '../../../runners/store/unreadable-run.ts';
import { toTerminal } from '../../../reports/render/to-terminal.ts';
import { textOf } from '../../../scenarios/load-scenario-file.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { parseGatePolicy } from '../../../scenarios/parse-gate-policy.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command, CommandContext } from '../../command.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { type SignOffRequest, makeSignOff } from '../../sign-off/make-sign-off.ts';
import { readComparison } from '../../sign-off/read-comparison.ts';
import { readWaivers } from '../../sign-off/read-waivers.ts';
import { filesFor } from '../../sign-off/sign-off-files.ts';
import { type SignOffFlags, nowOnThisMachine, parseSignOff, signOffFlags } from '../../sign-off/sign-off-options.ts';
import { readSubject } from '../../sign-off/subject-from.ts';
import { withFlags } from '../../with-flags.ts';

type Flags = SignOffFlags & { readonly files: readonly string[] | undefined };

export const signOffMakeCommand: Command<Flags> = {
  examples: [
    [
      'signoff make last --policy policy.yaml --target 5000/s --key key.pem',
      'what one run is worth: everything that is missing is named',
    ],
    [
      'signoff make 20261121-09 20261121-10 --policy policy.yaml --target 5000/s --target-source forecast-2027 --target-date 2026-11-01 --instances 8 --approver Ada --key key.pem --out signoff',
      'of several runs and searches, for eight instances of which one may be lost',
    ],
    [
      'signoff make last --policy policy.yaml --target 5000/s --subject registry/orders@sha256:0123… --setting DB_POOL=32 --key key.pem',
      'of an image, with a setting that has to be tested',
    ],
  ],
  flags: (yargs) =>
    withFlags(yargs, signOffFlags).positional('files', {
      type: 'string',
      array: true,
      describe: 'runs and searches: id, unique prefix, folder, or "last"',
    }),
  check: askedBy,
  run: async (flags, context) => {
    const request = await askedBy(flags, context);
    const files = filesFor(flags.out);
    const { document, statement } = await makeSignOff(request, files);
    const { terminal } = context;
    const report = join(files.artifacts, 'report.html');
    if (terminal.json)
      terminal.out(
        JSON.stringify(
          {
            schema: 'plimsoll/signoff-make/1',
            file: files.envelope,
            report,
            subject: statement.subject,
            signOff: statement.predicate,
          },
          null,
          2,
        ),
      );
    else {
      terminal.out(toTerminal(document, { ...terminal, reportPath: relative(process.cwd(), report) }));
      terminal.note(`signed: ${files.envelope}, with what it rests on in ${files.artifacts}`);
    }
    return exitCodeFor(statement.predicate.verdict);
  },
};

function exitCodeFor(verdict: SignOffVerdict): ExitCode {
  switch (verdict) {
    case 'PASS':
      return exitCodes.done;
    case 'FAIL':
      return exitCodes.missed;
    case 'INCONCLUSIVE':
      return exitCodes.inconclusive;
    default:
      return verdict satisfies never;
  }
}

/** Everything that is wrong with flags and files, at once. */
async function askedBy(flags: Flags, { runsDirectory }: CommandContext): Promise<SignOffRequest> {
  const reasons = new Reasons();
  const runs = flags.files ?? [];
  if (runs.length === 0) reasons.add('signoff make', 'needs a RUN', 'write plimsoll signoff make last …');
  const asked = parseSignOff(flags, nowOnThisMachine(), reasons);
  const key = await keyFrom(flags.key, reasons);
  const subjects = await Promise.all((flags.subject ?? []).map((text) => readSubject(text, reasons)));
  const { comparison, worse } =
    flags.comparison === undefined ? { comparison: null, worse: [] } : await readComparison(flags.comparison, reasons);
  const waivers = flags.waivers === undefined ? [] : await readWaivers(flags.waivers, reasons);
  const { policy, commit } = flags;
  const rules =
    policy === undefined
      ? null
      : await reasons.gather(policy, null, async () => parseGatePolicy(policy, await textOf(policy)));
  if (commit !== undefined && !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
    reasons.add('--commit', `"${commit}" is no whole commit`, 'write all of its digits: git rev-parse HEAD');
  if (reasons.list.length > 0 || key === null) throw new MisuseError(reasons.list);
  return {
    runs,
    runsDirectory,
    asked,
    given: subjects.filter((each) => each !== null),
    commit: commit ?? null,
    service: flags.service ?? null,
    waivers,
    regressions: { comparison, open: [...worse, ...asked.openRegressions] },
    policy: policy === undefined || rules === null ? null : { file: policy, rules },
    comparisonFile: flags.comparison ?? null,
    waiversFile: flags.waivers ?? null,
    key,
  };
}

async function keyFrom(file: string | undefined, reasons: Reasons): Promise<KeyObject | null> {
  if (file === undefined) {
    reasons.add('--key', 'is missing', 'write --key key.pem; "plimsoll signoff key --out key" makes one');
    return null;
  }
  try {
    return await readSigningKey(file);
  } catch (error) {
    if (!(error instanceof UnreadableRun)) throw error;
    reasons.add('--key', error.message, error.hint);
    return null;
  }
}
