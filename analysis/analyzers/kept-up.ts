import type { SteadyWindow } from '../../model/plan.ts';
import { type Milliseconds, milliseconds } from '../../model/units.ts';
import type { StageFigures } from './stage-figures.ts';
import { type StageValidity, wasLate } from './stage-validity.ts';

/** Requests due right before the window's end are answered after it: this share of the rate is no backlog. */
const completionSlack = 0.01;
/** Done over due from which on a stage keeps up with its load. */
const keptShare = 0.99;

/**
 * Whether a valid stage kept up with its load: nearly all that was asked for was done, and meanwhile. Null where it did
 * not, but the generator's lateness may have moved so many answers behind the window.
 */
export function keptUp(
  seen: StageFigures['stage'],
  validity: StageValidity | undefined,
  window: SteadyWindow | undefined,
): boolean | null {
  if (seen.done < keptShare * seen.due) return false;
  if (completedMeanwhile(seen, 0)) return true;
  const late = wasLate(validity) && window !== undefined;
  const lateness = late ? seen.latenessMs['0.99'] : null;
  // Held up twice, as in punctual-at-best.ts: when it was sent and when its answer was read.
  const moved = lateness === null || window === undefined ? 0 : (2 * lateness) / Math.max(1, lengthOf(window));
  return completedMeanwhile(seen, moved) ? null : false;
}

function lengthOf({ fromMs, toMs }: SteadyWindow): Milliseconds {
  return milliseconds(toMs - fromMs);
}

/**
 * Answers that come long after their stage are no sign of keeping up. In a stretch of n requests chance alone moves the
 * count by some √n, which is not held against it.
 *
 * @param moved share of the offered that is not held against it either
 */
function completedMeanwhile(
  { completedPerSecond, offeredPerSecond, due }: StageFigures['stage'],
  moved: number,
): boolean {
  const chance = 3 / Math.sqrt(Math.max(1, due));
  return (
    completedPerSecond !== null &&
    completedPerSecond >= (keptShare - completionSlack - chance - moved) * offeredPerSecond
  );
}
