import type { KeyObject } from 'node:crypto';
import type { Options } from 'yargs';
import { sharedEnvironment } from '../../../analysis/sign-off/run-environment.ts';
import { settingsOf } from '../../../analysis/sign-off/tested-settings.ts';
import { epochMilliseconds, parseRate } from '../../../model/units.ts';
import { readVerifyingKey } from '../../../runners/sign-off/signing-keys.ts';
import { findRun } from '../../../runners/store/find-run.ts';
import { loadRun } from '../../../runners/store/load-run.ts';
import { UnreadableRun } from '../../../runners/store/unreadable-run.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import { readRun } from '../../analyze-run.ts';
import type { Command, CommandContext } from '../../command.ts';
import { printFigures } from '../../print-figures.ts';
import { composeVerification } from '../../sign-off/compose-verification.ts';
import { parseInstant } from '../../sign-off/parse-instant.ts';
import { filesOf } from '../../sign-off/sign-off-files.ts';
import { nowOnThisMachine } from '../../sign-off/sign-off-options.ts';
import { readSubject } from '../../sign-off/subject-from.ts';
import { verificationExitCode, verificationFigures } from '../../sign-off/verification-figures.ts';
import { type Circumstances, verifySignOff } from '../../sign-off/verify-sign-off.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  key: { type: 'string', array: true, describe: 'public key as PEM that is trusted; without one nothing is valid' },
  artifacts: { type: 'string', describe: 'folder of the artefacts; unasked the one beside the file' },
  commit: { type: 'string', describe: 'commit that is to go live' },
  subject: { type: 'string', describe: 'what is to go live: a binary, or IMAGE@sha256:…' },
  forecast: { type: 'string', describe: 'peak that is expected now (5500/s)' },
  run: { type: 'string', describe: 'a run of today: its environment and settings have to be those of the sign-off' },
  at: { type: 'string', describe: 'instant to verify for (2026-12-24T00:00:00Z); unasked now' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly files: readonly string[] | undefined };

interface Asked {
  readonly file: string;
  readonly keys: readonly KeyObject[];
  readonly circumstances: Circumstances;
}

export const signOffVerifyCommand: Command<Flags> = {
  examples: [
    ['signoff verify signoff --key key.pub.pem', 'signature, every artefact, dates and waivers'],
    [
      'signoff verify signoff/signoff.json --key key.pub.pem --commit 1a2b3c4 --forecast 5500/s',
      'and whether it is for this commit and this forecast',
    ],
  ],
  flags: (yargs) =>
    withFlags(yargs, options).positional('files', {
      type: 'string',
      array: true,
      describe: 'the signed file, or the folder that it is in',
    }),
  check: askedBy,
  run: async (flags, context) => {
    const { file, keys, circumstances } = await askedBy(flags, context);
    const files = await filesOf(file);
    const verification = await verifySignOff(
      flags.artifacts === undefined ? files : { ...files, artifacts: flags.artifacts },
      keys,
      circumstances,
    );
    const figures = verificationFigures(verification);
    printFigures(context.terminal, 'plimsoll/signoff-verify/1', figures, composeVerification);
    return verificationExitCode(figures);
  },
};

/** Everything that is wrong with flags and files, at once. */
async function askedBy(flags: Flags, { runsDirectory }: CommandContext): Promise<Asked> {
  const reasons = new Reasons();
  const [file = '', ...more] = flags.files ?? [];
  if (file === '' || more.length > 0)
    reasons.add('signoff verify', 'needs one FILE', 'write plimsoll signoff verify signoff.json --key key.pub.pem');
  const keys = await Promise.all((flags.key ?? []).map((name) => keyFrom(name, reasons)));
  const { at, forecast, subject, run, commit } = flags;
  if (commit !== undefined && !/^[0-9a-f]{7,64}$/.test(commit))
    reasons.add('--commit', `"${commit}" is no commit`, 'write its digits, seven of them or more');
  const identified = subject === undefined ? null : await readSubject(subject, reasons);
  const circumstances: Circumstances = {
    now:
      at === undefined
        ? nowOnThisMachine()
        : reasons.collect('--at', nowOnThisMachine(), () => epochMilliseconds(Date.parse(parseInstant(at)))),
    commit: commit ?? null,
    subjectSha256: identified?.subject.digest['sha256'] ?? null,
    forecast: forecast === undefined ? null : reasons.collect('--forecast', null, () => parseRate(forecast)),
    run: run === undefined ? null : await runOfToday(run, runsDirectory),
  };
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return { file, keys: keys.filter((key) => key !== null), circumstances };
}

async function keyFrom(file: string, reasons: Reasons): Promise<KeyObject | null> {
  try {
    return await readVerifyingKey(file);
  } catch (error) {
    if (!(error instanceof UnreadableRun)) throw error;
    reasons.add('--key', error.message, error.hint);
    return null;
  }
}

async function runOfToday(argument: string, runsDirectory: string): Promise<Circumstances['run']> {
  const folder = await findRun(argument, runsDirectory);
  const record = await loadRun(folder);
  const { id, plan, startedAt } = record;
  const run = { id, plan, startedAt, analysis: readRun(record, folder).analysis, search: null, gate: null, folder };
  return { environment: sharedEnvironment([run]).fields, settings: settingsOf(run) };
}
