import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Options } from 'yargs';
import type { RunOutcome } from '../../model/run-record.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { withoutSecrets } from '../../runners/store/secrets.ts';
import { decodePlan } from '../../runners/store/plan-shape.ts';
import { MisuseError, misuse } from '../../scenarios/misuse.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import type { Command, CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { type PlannedRun, planFromArguments } from '../plan-from-arguments.ts';
import { planToResume } from '../plan-to-resume.ts';
import { type RequestFlagValues, withRequestFlags } from '../run-flags.ts';
import { type AnalyzedSearch, analyzeSearch } from '../search/analyze-search.ts';
import { type EndedSearch, type SearchPlan, carryOutSearch } from '../search/carry-out-search.ts';
import { searchExitCode } from '../search/search-exit-code.ts';
import { type SearchFolder, makeSearchFolder, openSearchFolder } from '../search/search-folder.ts';
import { type SearchOptions, refuseForSearch, searchFlagDefaults, searchOptions } from '../search/search-options.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';

const options = {
  from: { type: 'string', default: searchFlagDefaults.from, describe: 'rate to begin with' },
  to: { type: 'string', default: searchFlagDefaults.to, describe: 'never go beyond this rate' },
  arrivals: { choices: ['even', 'poisson'] as const, default: 'poisson' as const, describe: 'gaps between due times' },
  'warm-up': {
    type: 'string',
    default: searchFlagDefaults.warmUp,
    describe: 'before the first trial of each process of the target; 0s for none',
  },
  trial: {
    type: 'string',
    default: searchFlagDefaults.trial,
    describe: 'length of a deciding trial; the others follow from it',
  },
  budget: { type: 'string', default: searchFlagDefaults.budget, describe: 'time for all trials of one search' },
  certify: {
    type: 'boolean',
    default: false,
    describe: 'confirm what was found by a trial of its own, after a restart where the scenario launches the target',
  },
  repeats: {
    type: 'number',
    default: searchFlagDefaults.repeats,
    describe: 'whole searches, the target restarted between them; their spread widens the interval',
  },
  resume: { type: 'string', describe: 'go on with a search: its id, the beginning of one, "last", or its folder' },
  open: { type: 'boolean', default: false, describe: 'open the report in a browser' },
} as const satisfies Record<string, Options>;

type Flags = RequestFlagValues & FlagValues<typeof options> & { readonly scenario: string | undefined };

export const searchCommand: Command<Flags> = {
  examples: [
    [
      "search http://127.0.0.1:8080/menu --objective 'p99<200ms'",
      'the highest rate at which 99 of 100 answers take less than 200 ms',
    ],
    ['search orders.ts --certify', 'a scenario file, and a confirmation after a restart of the service'],
    ['search orders.ts --repeats 3 --budget 10m', 'three searches with restarts, ten minutes each'],
    ['search --resume last', 'go on after an interruption'],
  ],
  flags: (yargs) =>
    withFlags(withRequestFlags(yargs), options).positional('scenario', {
      type: 'string',
      describe: 'scenario file or URL',
    }),
  check: (flags, { seed }) => asked(flags, seed),
  run: async (flags, context) => {
    const { planned, settings } = await asked(flags, context.seed);
    const folder =
      flags.resume === undefined
        ? await begin(planned, settings, context)
        : await openSearchFolder(flags.resume, context.runsDirectory);
    try {
      const job = flags.resume === undefined ? planned : resumed(folder, planned, settings, flags);
      if (job === null) throw misuse('', 'search needs <scenario>', 'write a scenario file or a URL');
      if (flags.resume !== undefined)
        note(context, `resuming after ${folder.trials.length} trials: ${folder.search.id}`);
      const { plan, secrets, k6Binary } = job;
      const ended = await carryOutSearch(folder, { plan, secrets, k6Binary }, context);
      const analyzed = await analyzeSearch(folder, { ...ended, outcome: outcomeOf(ended) }, 'search');
      present(folder, ended, analyzed, context);
      if (flags.open && analyzed !== null) openInBrowser(analyzed.reportFile);
      return exitCodeOf(ended);
    } finally {
      await folder.release();
    }
  },
};

/** As `--runs` has it. */
const defaultRunsDirectory = '.plimsoll/runs';

interface Asked {
  /** Null: `--resume` alone, so that all is on disk. */
  readonly planned: PlannedRun | null;
  readonly settings: SearchOptions;
}

/** Everything that is wrong with flags and scenario, at once. */
async function asked({ scenario, ...flags }: Flags, seed: number | null): Promise<Asked> {
  const reasons = new Reasons();
  const settings = searchOptions(flags, reasons);
  let planned: PlannedRun | null = null;
  if (scenario !== undefined) {
    const isUrl = /^https?:\/\//i.test(scenario);
    // A search sets rate and length itself; in URL mode the plan needs some stage to begin with.
    const load = { rate: isUrl ? '1' : undefined, to: undefined, step: undefined, hold: '20s', users: undefined };
    const none = { thinkTime: undefined, warmUp: '0s', pprof: [], profiles: undefined };
    try {
      planned = await planFromArguments(scenario, { ...flags, ...load, ...none }, seed);
      refuseForSearch(planned.plan, reasons);
    } catch (error) {
      if (!(error instanceof MisuseError)) throw error;
      reasons.list.push(...error.reasons);
    }
  } else if (flags.resume !== undefined) refuseChanges(flags, reasons);
  else reasons.add('', 'search needs <scenario>', 'write a scenario file or a URL, or --resume RUN');
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return { planned, settings };
}

/** What a search is told when it begins counts to its end. */
function refuseChanges(flags: Omit<Flags, 'scenario'>, reasons: Reasons): void {
  for (const name of ['from', 'to', 'budget', 'trial', 'repeats', 'warmUp'] as const)
    if (flags[name] !== searchFlagDefaults[name]) changed(`--${name === 'warmUp' ? 'warm-up' : name}`);
  if (flags.certify) changed('--certify');
  if (flags.objective.length > 0) changed('--objective');

  function changed(where: string): void {
    reasons.add(where, 'a search that is resumed goes on as it was begun', 'leave it out, or start a new search');
  }
}

async function begin(
  planned: PlannedRun | null,
  settings: SearchOptions,
  context: CommandContext,
): Promise<SearchFolder> {
  if (planned === null) throw misuse('', 'search needs <scenario>', 'write a scenario file or a URL');
  const { plan, requestsModule } = planned;
  if (plan.collect.pprof !== null)
    note(context, 'note: no profiles are taken during a search; "plimsoll run" takes them at the rate that was found');
  const startedAt = epochMilliseconds(Date.now());
  return makeSearchFolder(context.runsDirectory, { startedAt, plan, requestsModule, options: settings });
}

/** How to go on: by what is on disk, and by what is not, which has to be given again. @throws MisuseError */
function resumed(
  { search }: SearchFolder,
  planned: PlannedRun | null,
  settings: SearchOptions,
  { k6Binary }: Flags,
): SearchPlan {
  const same =
    planned !== null &&
    isDeepStrictEqual(
      { plan: decodePlan(withoutSecrets(planned.plan)), settings },
      { plan: search.plan, settings: search.options },
    );
  return planToResume('search', search, planned === null ? null : { planned, same }, k6Binary);
}

function note({ terminal }: CommandContext, message: string): void {
  if (!terminal.quiet) terminal.note(message);
}

function present(
  folder: SearchFolder,
  ended: EndedSearch,
  analyzed: AnalyzedSearch | null,
  { terminal, runsDirectory }: CommandContext,
): void {
  if (analyzed === null) {
    if (terminal.json)
      terminal.out(JSON.stringify({ schema: 'plimsoll/search/1', outcome: outcomeOf(ended) }, null, 2));
  } else if (terminal.json) terminal.out(analyzed.rendered.json('search'));
  else terminal.out(analyzed.rendered.terminal(terminal, relative(process.cwd(), analyzed.reportFile)));
  const { failure, interrupted } = ended;
  if (failure !== null)
    terminal.note(
      `plimsoll: the search ended early (${failure.phase}): ${failure.message}${failure.hint === '' ? '' : ` (${failure.hint})`}`,
    );
  if (failure === null && !interrupted) return;
  terminal.note(`plimsoll: what was measured is in ${relative(process.cwd(), folder.path)}`);
  const where = runsDirectory === defaultRunsDirectory ? '' : ` --runs ${runsDirectory}`;
  terminal.note(`plimsoll: to go on: plimsoll search --resume ${folder.search.id}${where}`);
}

function outcomeOf({ interrupted, failure }: EndedSearch): RunOutcome {
  if (interrupted)
    return { status: 'aborted', phase: 'load', code: 'interrupted', reason: 'interrupted before the search was over' };
  if (failure === null) return { status: 'completed' };
  return { status: 'failed', phase: failure.phase, reason: failure.message, hint: failure.hint };
}

function exitCodeOf({ figures, interrupted, failure }: EndedSearch): ExitCode {
  if (interrupted) return exitCodes.interrupted;
  if (failure !== null) return exitCodes.runFailed;
  return searchExitCode(figures);
}
