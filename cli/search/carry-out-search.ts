import { observeTrial } from '../../analysis/search/observe-trial.ts';
import type { RecordedTrial } from '../../analysis/search/search-figures.ts';
import type { Plan } from '../../model/plan.ts';
import { streamSeed } from '../../model/random.ts';
import type { RunRecord } from '../../model/run-record.ts';
import type { SearchFigures } from '../../model/search-figures.ts';
import { milliseconds } from '../../model/units.ts';
import { RunFailure, type World, realWorld } from '../../runners/world.ts';
import { planTrial } from '../../scenarios/plan-trial.ts';
import type { CommandContext } from '../command.ts';
import { onlyOnce } from '../only-once.ts';
import type { PlannedRun } from '../plan-from-arguments.ts';
import { StatusLine } from '../status-line.ts';
import { conductTrial } from '../trial/conduct-trial.ts';
import { foundSoFar } from './found-so-far.ts';
import { type HeldTarget, holdTarget } from './hold-target.ts';
import type { SearchFolder } from './search-folder.ts';
import { type TrialToMake, shareObjectives } from './search-options.ts';
import { trialLine } from './trial-line.ts';

/** The plan with its secrets, which the search's folder does not hold. */
export type SearchPlan = Pick<PlannedRun, 'plan' | 'secrets' | 'k6Binary'>;

/** How a search ended; `failure`: what kept it from its end. */
export interface EndedSearch {
  readonly figures: SearchFigures;
  readonly interrupted: boolean;
  readonly failure: RunFailure | null;
}

/**
 * The one loop of plimsoll: what comes next follows from the trials so far, is made, and is kept.
 *
 *     trials on disk ─▶ nextTrial (pure) ─▶ target, new where another search begins ─▶ one run ─▶ trials on disk
 */
export async function carryOutSearch(
  folder: SearchFolder,
  { plan, ...processes }: SearchPlan,
  context: CommandContext,
): Promise<EndedSearch> {
  const { options } = folder.search;
  const status = new StatusLine(process.stderr, context.terminal.quiet);
  const say = (message: string): void => status.say(message);
  // What one trial has to say of engine and collectors, the next has as well.
  const world = realWorld({ say: onlyOnce(say), interrupted: context.interrupted });
  const held: { target: HeldTarget | null; fresh: boolean } = { target: null, fresh: true };
  let failure: RunFailure | null = null;
  try {
    for (;;) {
      const { next } = foundSoFar(folder);
      if (next.kind === 'done' || world.interrupted.aborted) break;
      const target = await targetFor(plan, next, held, folder, { world, say });
      const record = await makeTrial(next, target);
      if (world.interrupted.aborted) break;
      refuseFailed(record, target);
      held.fresh = false;
      const trial = {
        ...next,
        ...observeTrial(record, shareObjectives(plan), next.purpose),
        run: record.id,
        target: target.number,
      };
      await folder.add(withoutKind(trial));
      say(trialLine(trial, folder.trials.length, foundSoFar(folder).figures));
    }
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    failure = error;
  } finally {
    status.clear();
    await held.target?.stop();
  }
  return { figures: foundSoFar(folder).figures, interrupted: world.interrupted.aborted, failure };

  async function makeTrial({ rate, duration }: TrialToMake, { url }: HeldTarget): Promise<RunRecord> {
    const trialPlan = planTrial(plan, {
      rate,
      duration,
      warmUp: held.fresh && options.warmUpMs > 0 ? options.warmUpMs : null,
      url,
      seed: streamSeed(plan.seed, folder.trials.length),
    });
    const { record, folder: runFolder } = await conductTrial(
      {
        plan: trialPlan,
        runsDirectory: folder.runsDirectory,
        requestsModule: folder.search.requestsModule,
        ...processes,
      },
      { world, onFolder: context.measuringInto, onView: (view) => status.progress(trialPlan, view) },
    );
    context.measuringInto(runFolder);
    status.clear();
    return record;
  }
}

/** The target that is there, or a new process of it: at the beginning, and where one search follows another. */
async function targetFor(
  plan: Plan,
  { search }: TrialToMake,
  held: { target: HeldTarget | null; fresh: boolean },
  folder: SearchFolder,
  { world, say }: { readonly world: World; readonly say: (message: string) => void },
): Promise<HeldTarget> {
  const { search: begun, trials } = folder;
  const last = trials.at(-1);
  const another = last !== undefined && last.search !== search;
  if (held.target !== null && !(another && plan.target.kind === 'launch')) return held.target;
  if (held.target !== null) {
    if (held.fresh) return held.target;
    say('restarting the target');
    await held.target.stop();
  }
  const number = last === undefined ? 0 : last.target + 1;
  held.target = null;
  held.target = await holdTarget(plan, world, { runId: begun.id, log: folder.targetLog(number), number });
  held.fresh = true;
  return held.target;
}

/** A trial that did not get to its end tells nothing of the rate, except where the generator is to blame. */
function refuseFailed({ outcome }: RunRecord, target: HeldTarget): void {
  const hint = 'what was measured is kept; when it is put right, go on with --resume';
  switch (outcome.status) {
    case 'completed':
      return;
    case 'failed':
      throw new RunFailure(outcome.phase, target.ended() ?? outcome.reason, outcome.hint === '' ? hint : outcome.hint);
    case 'aborted':
      if (outcome.code === 'generator-late') return;
      throw new RunFailure(outcome.phase, target.ended() ?? outcome.reason, hint);
    default:
      outcome satisfies never;
  }
}

function withoutKind(trial: RecordedTrial & { readonly kind?: unknown }): RecordedTrial {
  const { search, purpose, rate, duration, shares, completedRate, valid, reasons, run, target } = trial;
  return {
    search,
    purpose,
    rate,
    duration: milliseconds(duration),
    shares,
    completedRate,
    valid,
    reasons,
    run,
    target,
  };
}
