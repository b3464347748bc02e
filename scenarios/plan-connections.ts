import type { LoadProfile } from '../model/load-profile.ts';
import type { ConnectionPlan } from '../model/plan.ts';
import { type Milliseconds, eventsIn, perSecond, seconds } from '../model/units.ts';

const fewest = 16;
/** More parked connections than this change what is measured: each costs the target a goroutine and its buffers. */
const most = 512;
/** Enough for every answer to take this long at the highest rate (Little's law) before requests wait for a connection. */
const coveredLatency = seconds(0.25);
const longestQueue = 1_000_000;

/** How many connections, and how many due requests may wait for one, before the rest is counted as dropped. */
export function planConnections(
  profile: LoadProfile,
  wanted: number | 'auto',
  keepAlive: boolean,
  requestTimeoutMs: Milliseconds,
): ConnectionPlan {
  if (profile.kind === 'closed') {
    const users = Math.max(1, ...profile.stages.map((stage) => stage.users));
    return { count: users, reason: 'one for each user', keepAlive, requestTimeoutMs, queueLimit: users };
  }
  const highest = perSecond(
    Math.max(0, ...profile.stages.flatMap((stage) => [stage.startPerSecond, stage.endPerSecond])),
  );
  const needed = Math.ceil(eventsIn(highest, coveredLatency));
  const count = wanted === 'auto' ? Math.min(most, Math.max(fewest, needed)) : wanted;
  const reason =
    wanted === 'auto'
      ? `for answers of up to ${coveredLatency} ms at ${highest}/s (Little's law), at least ${fewest}, at most ${most}`
      : 'as asked for';
  const queueLimit = Math.min(longestQueue, Math.max(count, Math.ceil(eventsIn(highest, requestTimeoutMs))));
  return { count, reason, keepAlive, requestTimeoutMs, queueLimit };
}
