import { observeRun } from '../../analysis/sweep/observe-run.ts';
import { sameSettings, settingsText } from '../../analysis/sweep/same-settings.ts';
import { streamSeed } from '../../model/random.ts';
import type { RunOutcome } from '../../model/run-record.ts';
import type { SweepRun } from '../../analysis/sweep/sweep-run.ts';
import { type Milliseconds, between } from '../../model/units.ts';
import { formatDuration } from '../../reports/format-quantity.ts';
import { RunFailure, realWorld } from '../../runners/world.ts';
import { planCell } from '../../scenarios/plan-cell.ts';
import type { CommandContext } from '../command.ts';
import { onlyOnce } from '../only-once.ts';
import type { PlannedRun } from '../plan-from-arguments.ts';
import { StatusLine } from '../status-line.ts';
import { conductTrial } from '../trial/conduct-trial.ts';
import { cellLine } from './cell-line.ts';
import { latestRuns } from './latest-runs.ts';
import { type RunToMake, nextRun } from './next-run.ts';
import type { SweepFolder } from './sweep-folder.ts';
import { designOf, runLength } from './sweep-options.ts';

/** The plan with its secrets, which the sweep's folder does not hold; `{{name}}` is not filled in. */
export type SweepJob = Pick<PlannedRun, 'plan' | 'secrets' | 'k6Binary'>;

/** How a sweep ended; `failure`: what kept it from its end. */
export interface EndedSweep {
  readonly interrupted: boolean;
  readonly failure: RunFailure | null;
}

/**
 * Runs cell after cell until the design says that it is enough:
 *
 *     runs on disk ─▶ nextRun (pure) ─▶ plan of the cell ─▶ one run, the service started for it ─▶ runs on disk
 *
 * A service that does not start or ends under a cell's settings is what the cell found, not a failure of the sweep. On
 * resuming, runs that did not get to their load are made again: what kept them from it may have been put right.
 */
export async function carryOutSweep(folder: SweepFolder, job: SweepJob, context: CommandContext): Promise<EndedSweep> {
  const { options, requestsModule } = folder.stored;
  const { plan, ...processes } = job;
  const { total } = designOf(options);
  const status = new StatusLine(process.stderr, context.terminal.quiet);
  const world = realWorld({ say: onlyOnce((message) => status.say(message)), interrupted: context.interrupted });
  const again = latestRuns(folder.lines).filter(({ outcome }) => outcome.status === 'failed');
  const made: { readonly run: SweepRun; readonly length: Milliseconds }[] = [];
  let failure: RunFailure | null = null;
  try {
    for (;;) {
      const next = nextRun(folder.stored, finished());
      if (next === null || world.interrupted.aborted) break;
      status.say(`${placeOf(next)}: ${settingsText(next.settings)}${left()}`);
      const began = world.now();
      const run = await makeRun(next);
      if (world.interrupted.aborted) break;
      await folder.add(run);
      made.push({ run, length: between(began, world.now()) });
      status.say(cellLine(run));
      refuseHopeless(made.map((each) => each.run));
    }
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    failure = error;
  } finally {
    status.clear();
  }
  return { interrupted: world.interrupted.aborted, failure };

  function finished(): readonly SweepRun[] {
    return latestRuns(folder.lines).filter((run) => !again.includes(run));
  }

  function placeOf({ purpose }: RunToMake): string {
    if (purpose === 'verification') return 'verification';
    return `run ${finished().length + 1}${total === null ? '' : ` of ${total}`}`;
  }

  /** How long it takes yet, by the runs so far; nothing where the design decides that as it goes. */
  function left(): string {
    if (total === null) return '';
    const measured = made.reduce((sum, { length }) => sum + length, 0) / made.length;
    const runs = Math.max(1, total + (options.verify ? 1 : 0) - finished().length);
    return ` · about ${formatDuration(runs * (made.length === 0 ? runLength(plan) : measured))} left`;
  }

  async function makeRun(next: RunToMake): Promise<SweepRun> {
    const { purpose, settings, repeat, factors } = next;
    const cellPlan = planCell(plan, {
      factors,
      cell: settings,
      settings: options.settings,
      // Every cell of a repeat gets the same requests: what differs between them is what was set.
      seed: streamSeed(plan.seed, repeat),
    });
    const { record, folder: runFolder } = await conductTrial(
      { plan: cellPlan, runsDirectory: folder.runsDirectory, requestsModule, ...processes },
      { world, onFolder: context.measuringInto, onView: (view) => status.progress(cellPlan, view, placeOf(next)) },
    );
    context.measuringInto(runFolder);
    status.clear();
    refuseOwnFault(record.outcome);
    return { purpose, settings, repeat, run: record.id, ...observeRun(record, options.adaptive?.watched ?? null) };
  }
}

/** What the settings of a cell are not to blame for ends the sweep; its run does not count. */
function refuseOwnFault(outcome: RunOutcome): void {
  const hint = 'when it is put right, go on with --resume';
  if (outcome.status === 'failed' && outcome.phase !== 'target' && outcome.phase !== 'prepare')
    throw new RunFailure(outcome.phase, outcome.reason, outcome.hint === '' ? hint : outcome.hint);
  if (outcome.status === 'aborted' && outcome.code === 'disk-full') throw new RunFailure('store', outcome.reason, hint);
}

/** So many different cells that do not even start are no finding about their settings. */
const hopeless = 3;

function refuseHopeless(made: readonly SweepRun[]): void {
  const last = made.at(-1);
  const cells = made.filter(
    ({ settings }, index) => made.findIndex((other) => sameSettings(other.settings, settings)) === index,
  );
  if (last === undefined || cells.length < hopeless || made.some(({ outcome }) => outcome.status !== 'failed')) return;
  throw new RunFailure(
    'target',
    `none of ${cells.length} cells got to its load: ${last.outcome.reason}`,
    'when it is put right, go on with --resume',
  );
}
