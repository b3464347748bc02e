import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Options } from 'yargs';
import type { RunOutcome } from '../../model/run-record.ts';
import type { SweepFigures } from '../../model/sweep-figures.ts';
import { epochMilliseconds, milliseconds, parseDuration } from '../../model/units.ts';
import { formatDuration } from '../../reports/format-quantity.ts';
import { decodePlan } from '../../runners/store/plan-shape.ts';
import { withoutSecrets } from '../../runners/store/secrets.ts';
import { makeSeries, openSeries } from '../../runners/store/series-folder.ts';
import { MisuseError, misuse } from '../../scenarios/misuse.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import type { Command, CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { type PlannedRun, planFromArguments } from '../plan-from-arguments.ts';
import { planToResume } from '../plan-to-resume.ts';
import { type OverrideFlagValues, noUrlFlags, withOverrideFlags } from '../run-flags.ts';
import { type AnalyzedSweep, analyzeSweep } from '../sweep/analyze-sweep.ts';
import { type EndedSweep, carryOutSweep } from '../sweep/carry-out-sweep.ts';
import { type SweepFolder, sweepSeries } from '../sweep/sweep-folder.ts';
import { sweepExitCode } from '../sweep/sweep-exit-code.ts';
import {
  type SweepOptions,
  designOf,
  refuseForSweep,
  runLength,
  sweepOptions,
  sweepPlan,
} from '../sweep/sweep-options.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';

const options = {
  vary: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'NAME=v1,v2,…: a variable of the environment, or a name of target.settings; repeatable',
  },
  repeats: { type: 'number', default: 1, describe: 'runs of each cell; from 2 on there are intervals between runs' },
  design: {
    choices: ['grid', 'adaptive'] as const,
    default: 'grid' as const,
    describe: 'grid: every combination; adaptive: sizes of a pool, chosen by what was measured',
  },
  verify: {
    type: 'boolean',
    default: false,
    describe: 'afterwards a run at exactly the recommended GOGC and GOMEMLIMIT',
  },
  'wait-objective': {
    type: 'string',
    describe: "adaptive: how long an acquisition may wait, 'mean<5ms', 'p99<5ms' or 'within(5ms)>=99%'",
  },
  pool: { type: 'string', describe: 'adaptive: of several pools that the metrics tell of this one' },
  'queries-per-request': {
    type: 'string',
    describe: 'adaptive: acquisitions per request, where the pool does not count them',
  },
  resume: { type: 'string', describe: 'go on with a sweep: its id, the beginning of one, "last", or its folder' },
  open: { type: 'boolean', default: false, describe: 'open the report in a browser' },
} as const satisfies Record<string, Options>;

type Flags = OverrideFlagValues & FlagValues<typeof options> & { readonly scenario: string | undefined };

export const sweepCommand: Command<Flags> = {
  examples: [
    ['sweep orders.ts --vary GOGC=50,100,200', 'three cells, one run each'],
    [
      'sweep orders.ts --vary GOGC=50,100,200 --vary GOMEMLIMIT=256MiB,512MiB --repeats 3',
      'six cells in random order, three times, with intervals between runs',
    ],
    ['sweep orders.ts --vary pool=4,8,16', 'a launch flag: {{pool}} in target.launch, settings: { pool: 8 } beside it'],
    [
      "sweep orders.ts --design adaptive --vary pool=2..64 --wait-objective 'mean<5ms'",
      'the smallest pool that meets an objective, or the database found to be the limit',
    ],
    ['sweep --resume last', 'go on after an interruption'],
  ],
  flags: (yargs) =>
    withFlags(withOverrideFlags(yargs), options).positional('scenario', { type: 'string', describe: 'scenario file' }),
  check: (flags, { seed }) => asked(flags, seed),
  run: async (flags, context) => {
    const given = await asked(flags, context.seed);
    const folder =
      flags.resume === undefined
        ? await begin(given, context)
        : await openSeries(sweepSeries, flags.resume, context.runsDirectory);
    try {
      const job = flags.resume === undefined ? given?.planned : jobToResume(folder, given, flags);
      if (job === undefined) throw needsScenario();
      announce(folder, job, context);
      const { plan, secrets, k6Binary } = job;
      const ended = await carryOutSweep(folder, { plan, secrets, k6Binary }, context);
      const analyzed = await analyzeSweep(folder, outcomeOf(ended));
      present(folder, ended, analyzed, context);
      if (flags.open) openInBrowser(analyzed.reportFile);
      return exitCodeOf(ended, analyzed.figures);
    } finally {
      await folder.release();
    }
  },
};

/** As `--runs` has it. */
const defaultRunsDirectory = '.plimsoll/runs';

interface Asked {
  /** Its plan is the one that all cells start from. */
  readonly planned: PlannedRun;
  readonly options: SweepOptions;
}

const needsScenario = (): MisuseError =>
  misuse('', 'sweep needs <scenario>', 'write a scenario file, or --resume SWEEP to go on with a sweep');

/** Everything that is wrong with flags and scenario, at once; null: `--resume` alone, so that all is on disk. */
async function asked({ scenario: file, ...flags }: Flags, seed: number | null): Promise<Asked | null> {
  const reasons = new Reasons();
  if (file === undefined) {
    if (flags.resume === undefined) throw needsScenario();
    refuseChanges(flags, reasons);
    if (reasons.list.length > 0) throw new MisuseError(reasons.list);
    return null;
  }
  if (/^https?:\/\//i.test(file))
    throw misuse(
      '',
      'a sweep starts the service anew for each cell, and a URL is a service that somebody else started',
      "write a scenario file whose target is { launch: ['./service'] }",
    );
  const { scenario, ...planned } = await planFromArguments(file, { ...noUrlFlags, ...flags }, seed);
  refuseForSweep(planned.plan, reasons);
  const sweep = sweepOptions(flags, scenario, planned.plan.seed, reasons);
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return { planned: { ...planned, plan: sweepPlan(planned.plan, scenario) }, options: sweep };
}

/** What a sweep is told when it begins counts to its end. */
function refuseChanges(flags: Omit<Flags, 'scenario'>, reasons: Reasons): void {
  const { vary, repeats, design, objective, verify, pool, waitObjective, queriesPerRequest } = flags;
  const changed = {
    '--vary': vary.length > 0,
    '--repeats': repeats !== options.repeats.default,
    '--design': design !== options.design.default,
    '--objective': objective.length > 0,
    '--verify': verify,
    '--pool': pool !== undefined,
    '--wait-objective': waitObjective !== undefined,
    '--queries-per-request': queriesPerRequest !== undefined,
  };
  for (const [where, given] of Object.entries(changed))
    if (given)
      reasons.add(where, 'a sweep that is resumed goes on as it was begun', 'leave it out, or start a new sweep');
}

async function begin(given: Asked | null, { runsDirectory }: CommandContext): Promise<SweepFolder> {
  if (given === null) throw needsScenario();
  const { plan, requestsModule } = given.planned;
  const startedAt = epochMilliseconds(Date.now());
  return makeSeries(sweepSeries, runsDirectory, { startedAt, plan, requestsModule, options: given.options });
}

function jobToResume(
  { stored }: SweepFolder,
  given: Asked | null,
  { k6Binary }: Flags,
): Pick<PlannedRun, 'plan' | 'secrets' | 'k6Binary'> {
  const same =
    given !== null &&
    isDeepStrictEqual(decodePlan(withoutSecrets(given.planned.plan)), stored.plan) &&
    isDeepStrictEqual(given.options, stored.options);
  return planToResume('sweep', stored, given === null ? null : { planned: given.planned, same }, k6Binary);
}

/** Longer than this is worth a second thought. */
const long = parseDuration('6h');

function announce(
  { stored, lines }: SweepFolder,
  { plan }: Pick<PlannedRun, 'plan'>,
  { terminal }: CommandContext,
): void {
  if (terminal.quiet) return;
  const { options: sweep, id } = stored;
  if (lines.length > 0) terminal.note(`resuming after ${lines.length} runs: ${id}`);
  const each = `${formatDuration(runLength(plan))} a run`;
  const { total } = designOf(sweep);
  if (total === null) terminal.note(`sizes as the measurements decide, ${each}`);
  else {
    const length = milliseconds((total + (sweep.verify ? 1 : 0)) * runLength(plan));
    terminal.note(
      `${total / sweep.repeats} cells, ${sweep.repeats} ${sweep.repeats === 1 ? 'run' : 'runs'} each${sweep.verify ? ', and a verification' : ''}, ${each}: about ${formatDuration(length)}`,
    );
    if (length > long)
      terminal.note(
        'note: that is long; fewer values, fewer repeats or shorter stages make it shorter, and it can be interrupted and resumed',
      );
  }
  // Cells are compared with one another: what no objective is asked for can be compared as well.
  for (const { code, message } of plan.warnings) if (code !== 'no-objectives') terminal.note(`note: ${message}`);
}

function outcomeOf({ interrupted, failure }: EndedSweep): RunOutcome {
  if (interrupted)
    return { status: 'aborted', phase: 'load', code: 'interrupted', reason: 'interrupted before the sweep was over' };
  if (failure === null) return { status: 'completed' };
  return { status: 'failed', phase: failure.phase, reason: failure.message, hint: failure.hint };
}

function present(
  { path, stored }: SweepFolder,
  { failure, interrupted }: EndedSweep,
  analyzed: AnalyzedSweep,
  { terminal, runsDirectory }: CommandContext,
): void {
  const { rendered, reportFile } = analyzed;
  if (terminal.json) terminal.out(rendered.json('sweep'));
  else terminal.out(rendered.terminal(terminal, relative(process.cwd(), reportFile)));
  if (failure !== null)
    terminal.note(
      `plimsoll: the sweep ended early (${failure.phase}): ${failure.message}${failure.hint === '' ? '' : ` (${failure.hint})`}`,
    );
  if (failure === null && !interrupted) return;
  terminal.note(`plimsoll: what was measured is in ${relative(process.cwd(), path)}`);
  const where = runsDirectory === defaultRunsDirectory ? '' : ` --runs ${runsDirectory}`;
  terminal.note(`plimsoll: to go on: plimsoll sweep --resume ${stored.id}${where}`);
}

function exitCodeOf({ interrupted, failure }: EndedSweep, figures: SweepFigures): ExitCode {
  if (interrupted) return exitCodes.interrupted;
  return failure === null ? sweepExitCode(figures) : exitCodes.runFailed;
}
