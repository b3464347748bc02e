import type { LoadProfile } from '../model/load-profile.ts';
import type { Objective } from '../model/objective.ts';
import type { ConnectionPlan, TlsPlan } from '../model/plan.ts';
import { rateText } from '../model/rate-text.ts';
import { type Milliseconds, eventsIn, milliseconds, perSecond, seconds } from '../model/units.ts';

const fewest = 16;
/** More parked connections than this change what is measured: each costs the target a goroutine and its buffers. */
const most = 512;
/**
 * Enough for every answer to take this long at the highest rate (Little's law) before requests wait for a connection; an
 * objective that allows longer answers is covered too. The request timeout would be the safe choice, but asks for
 * thousands of connections that a fast service never uses.
 */
const coveredLatency = seconds(0.25);
/** An iteration of a k6 script has several steps, and thinking between them. */
const coveredIteration = seconds(5);
const longestQueue = 1_000_000;

/** How many connections, and how many due requests may wait for one, before the rest is counted as dropped. */
export function planConnections(
  profile: LoadProfile,
  wanted: number | 'auto',
  keepAlive: boolean,
  requestTimeoutMs: Milliseconds,
  objectives: readonly Objective[],
  tls: TlsPlan,
  driven: 'requests' | 'iterations' = 'requests',
): ConnectionPlan {
  if (profile.kind === 'closed') {
    const users = Math.max(1, ...profile.stages.map((stage) => stage.users));
    return { count: users, reason: 'one for each user', keepAlive, requestTimeoutMs, queueLimit: users, tls };
  }
  const highest = perSecond(
    Math.max(0, ...profile.stages.flatMap((stage) => [stage.startPerSecond, stage.endPerSecond])),
  );
  const usual = driven === 'requests' ? coveredLatency : coveredIteration;
  const covered = milliseconds(Math.max(usual, longestAllowed(objectives)));
  const needed = Math.ceil(eventsIn(highest, covered));
  const count = wanted === 'auto' ? Math.min(most, Math.max(fewest, needed)) : wanted;
  const reason =
    wanted === 'auto'
      ? `for ${driven === 'requests' ? 'answers' : driven} of up to ${covered} ms at ${rateText(highest)} (Little's law), at least ${fewest}, at most ${most}`
      : 'as asked for';
  const queueLimit = Math.min(longestQueue, Math.max(count, Math.ceil(eventsIn(highest, requestTimeoutMs))));
  return { count, reason, keepAlive, requestTimeoutMs, queueLimit, tls };
}

/** The longest response time that a latency objective allows; 0 without one. */
export function longestAllowed(objectives: readonly Objective[]): Milliseconds {
  return milliseconds(
    Math.max(0, ...objectives.map((objective) => (objective.kind === 'latency-quantile' ? objective.limitMs : 0))),
  );
}
