import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Options } from 'yargs';
import type { GateRun } from '../../analysis/gate/gate-check.ts';
import { gateRun } from '../../analysis/gate/gate-run.ts';
import { judgeGate } from '../../analysis/gate/judge-gate.ts';
import type { RunSample } from '../../analysis/comparison/run-sample.ts';
import type { VerdictStatus } from '../../model/finding.ts';
import type { GatePolicy } from '../../model/gate-policy.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { systemCause } from '../../model/system-cause.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { toJunit } from '../../reports/render/to-junit.ts';
import { textOf } from '../../scenarios/load-scenario-file.ts';
import { MisuseError } from '../../scenarios/misuse.ts';
import { parseGatePolicy } from '../../scenarios/parse-gate-policy.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import type { Command } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { annotations } from '../gate/annotations.ts';
import { composeGate } from '../gate/compose-gate.ts';
import type { GateFigures } from '../gate/gate-figures.ts';
import { gateMarkdown } from '../gate/gate-markdown.ts';
import { gateSuite } from '../gate/gate-suite.ts';
import { loadSamples } from '../load-samples.ts';
import { UsageError } from '../present-failure.ts';
import { printFigures } from '../print-figures.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';

const options = {
  policy: { type: 'string', describe: 'YAML file that says what is asked (docs/gate.md)' },
  reference: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'runs of the reference, in place of those that the policy names',
  },
  junit: { type: 'string', describe: 'also write the checks as JUnit tests to this file' },
  markdown: { type: 'string', describe: 'also write a summary of at most 64 KiB to this file' },
  annotations: {
    type: 'boolean',
    default: false,
    describe: 'also print what was missed as annotations for GitHub',
  },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly run: readonly string[] | undefined };

interface Asked {
  readonly policy: GatePolicy;
  readonly sha256: string;
  readonly file: string;
  readonly candidate: readonly GateRun[];
  readonly reference: readonly GateRun[];
}

const exits: Readonly<Record<VerdictStatus, ExitCode>> = {
  pass: exitCodes.done,
  fail: exitCodes.missed,
  inconclusive: exitCodes.inconclusive,
};

export const gateCommand: Command<Flags> = {
  examples: [
    ['gate last --policy nightly.yml', 'the newest run, by absolute objectives'],
    [
      'gate RUN1 RUN2 RUN3 RUN4 --reference RUN5 RUN6 RUN7 RUN8 --policy nightly.yml',
      'also by limits against a reference, which takes four runs of each and more',
    ],
    [
      'gate last --policy nightly.yml --junit gate.xml --markdown gate.md --annotations',
      'for a CI server: tests, a summary, annotations',
    ],
  ],
  flags: (yargs) =>
    // `--reference` takes all runs behind it, up to the next flag: none of them may count as the candidate's.
    withFlags(yargs.parserConfiguration({ 'greedy-arrays': true }), options).positional('run', {
      type: 'string',
      array: true,
      describe: 'runs of the candidate: ids, unique prefixes, folders, or "last"',
    }),
  check: (flags, { runsDirectory }) => askedBy(flags, runsDirectory),
  run: async (flags, { terminal, runsDirectory }) => {
    const { policy, file, sha256, candidate, reference } = await askedBy(flags, runsDirectory);
    const judgedAt = epochMilliseconds(Date.now());
    const figures: GateFigures = {
      policy: { name: policy.name, file, sha256 },
      runs: { candidate: idsOf(candidate), reference: idsOf(reference) },
      judgedAt,
      ...judgeGate(policy, candidate, reference, judgedAt),
    };
    printFigures(terminal, 'plimsoll/gate/1', figures, (shown) => composeGate(shown));
    if (flags.annotations)
      for (const line of annotations(figures)) {
        // The runner reads both streams; one document alone belongs on standard output.
        if (terminal.json) terminal.note(line);
        else terminal.out(line);
      }
    if (flags.junit !== undefined) await write(flags.junit, toJunit(gateSuite(figures)));
    if (flags.markdown !== undefined) await write(flags.markdown, gateMarkdown(figures));
    return exits[figures.verdict.status];
  },
};

const idsOf = (runs: readonly GateRun[]): readonly string[] => runs.map(({ sample }) => sample.id);

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: unknown) => {
    throw new UsageError(`${file} cannot be written: ${systemCause(error)}`, 'choose another file');
  });
}

/** Everything that is wrong with flags, policy and runs, at once. */
async function askedBy(flags: Flags, runsDirectory: string): Promise<Asked> {
  const reasons = new Reasons();
  const { policy: file } = flags;
  const names = flags.run ?? [];
  if (names.length === 0) reasons.add('gate', 'no run is named', 'write plimsoll gate RUN --policy FILE');
  if (file === undefined)
    reasons.add('--policy', 'is missing', 'write plimsoll gate RUN --policy FILE; docs/gate.md has one');
  const text = file === undefined ? '' : await reasons.gather(file, '', () => textOf(file));
  const policy =
    file === undefined || reasons.list.some(({ where }) => where === file)
      ? null
      : await reasons.gather(file, null, () => Promise.resolve().then(() => parseGatePolicy(file, text)));
  const loading = { runsDirectory, reasons, seen: new Set<string>() };
  const keep = (sample: RunSample, record: RunRecord): GateRun =>
    policy === null ? { sample, results: [] } : gateRun(record, sample, policy);
  const candidate = await loadSamples('gate', names, loading, keep);
  const pinned = flags.reference.length > 0 ? flags.reference : (policy?.reference.runs ?? []);
  const reference = await loadSamples('--reference', pinned, loading, keep);
  if (policy !== null && policy.reference.paired && pinned.length > 0 && candidate.length !== reference.length)
    reasons.add(
      '--reference',
      `${names.length} runs and ${pinned.length} of the reference make no pairs, as the policy says they do`,
      'name as many of each, in the same order',
    );
  if (reasons.list.length > 0 || policy === null || file === undefined) throw new MisuseError(reasons.list);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { policy, file, sha256, candidate, reference };
}
