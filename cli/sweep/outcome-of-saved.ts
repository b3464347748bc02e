import type { RunOutcome } from '../../model/run-record.ts';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import { latestRuns } from './latest-runs.ts';
import { nextRun } from './next-run.ts';
import type { SavedSweep } from './sweep-folder.ts';

/**
 * How a sweep that is only read ended: over, or broken off, which its folder does not tell the reason of.
 *
 * @throws UnreadableRun where no run was made yet
 */
export function outcomeOfSaved({ stored, lines }: SavedSweep): RunOutcome {
  const goOn = `plimsoll sweep --resume ${stored.id} goes on with it`;
  if (lines.length === 0)
    throw new UnreadableRun(`the sweep ${stored.id} has no run yet, so there is nothing to tell`, goOn);
  if (nextRun(stored, latestRuns(lines)) === null) return { status: 'completed' };
  return { status: 'aborted', phase: 'load', code: 'interrupted', reason: `the sweep is not over: ${goOn}` };
}
