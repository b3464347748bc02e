import type { LoadProfile } from '../../../model/load-profile.ts';
import { type Milliseconds, type PerSecond, milliseconds, perSecond } from '../../../model/units.ts';

/** When the schedule loop looks at what is due. */
export interface WakeUps {
  /** No sooner than this after the last look. */
  readonly shortestMs: Milliseconds;
  /** Also whenever an answer leaves a connection free. */
  readonly onFreeConnection: boolean;
}

/**
 * A plan whose highest rate lies here is driven with half the wake-ups all the way. Below, the engine costs little
 * however often it wakes; above, a wake-up is shared by so many requests that leaving out half of them saves little, and
 * those that wait for the next one make it late.
 */
export const sparing: { readonly from: PerSecond; readonly below: PerSecond } = {
  from: perSecond(4000),
  below: perSecond(8000),
};

/**
 * Each millisecond, the finest that timers give, or each 2 ms (docs/decisions/0002). The whole plan decides and not the
 * stage: otherwise the median would rise by half a millisecond between two stages, and look like the target's doing.
 * Closed users ask again when they were answered, so theirs is always looked at.
 */
export function wakeUpsFor(profile: LoadProfile): WakeUps {
  const each = { shortestMs: milliseconds(1), onFreeConnection: true };
  if (profile.kind === 'closed') return each;
  const highest = Math.max(
    ...profile.stages.map(({ startPerSecond, endPerSecond }) => Math.max(startPerSecond, endPerSecond)),
  );
  return highest >= sparing.from && highest < sparing.below
    ? { shortestMs: milliseconds(2), onFreeConnection: false }
    : each;
}
