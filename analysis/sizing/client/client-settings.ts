import { type Milliseconds, type PerSecond, milliseconds, rateOf, seconds } from '../../../model/units.ts';

/** How long an idle connection is kept, so that the server never closes it while a call is on its way. */
export interface IdleTime {
  readonly idleTime: Milliseconds;
  /** An upper bound: no connection ends more often. */
  readonly reconnectsPerSecond: PerSecond;
}

/**
 * Shorter than the server keeps it: what the server closes while a call is on its way fails, and Go repeats only calls
 * that may be repeated. The server's clock starts earlier than the client's by the way of the answer, and its end counts
 * where the call arrives, so a round trip has to fit in between; a tenth is a convention for the rest. Never beyond Go's
 * own default. Null where nothing that short is left.
 *
 * @param call the longest mean time of a call that is thought of: a round trip is no longer
 */
export function idleTime(serverKeeps: Milliseconds, call: Milliseconds, connections: number): IdleTime | null {
  const longest = Math.min(defaultIdleTime, serverKeeps * partKept, serverKeeps - call);
  if (!(longest > 0)) return null;
  const time = milliseconds(longest);
  return { idleTime: time, reconnectsPerSecond: rateOf(connections, time) };
}

/** Of http.DefaultTransport. */
export const defaultIdleTime = seconds(90);
const partKept = 0.9;

/** How long a call may take before it is given up. */
export interface CallTimeout {
  readonly timeout: Milliseconds;
  /** Of the calls that would have been answered, at most so many are cut off; null where the tail is not known. */
  readonly cutShare: number | null;
  /** Which of both is the shorter. */
  readonly by: 'calls' | 'deadline';
}

/**
 * The time that all but a thousandth of the calls need, their wait for a connection with it (`http.Client.Timeout` counts
 * both): longer only keeps what is lost. Where the caller gives up earlier, its deadline. Null where neither is known.
 *
 * @param wait the limit of the objective for the wait, and the share of calls that may be beyond it
 * @param slowest time below which 99.9 % of the calls are answered
 * @param deadline what the caller has left for the call
 */
export function callTimeout(
  wait: { readonly limit: Milliseconds; readonly share: number },
  slowest: Milliseconds | null,
  deadline: Milliseconds | null,
): CallTimeout | null {
  const needed = slowest === null ? null : milliseconds(wait.limit + slowest);
  if (deadline !== null && (needed === null || deadline < needed))
    return { timeout: deadline, cutShare: null, by: 'deadline' };
  return needed === null ? null : { timeout: needed, cutShare: wait.share + slowestShare, by: 'calls' };
}

/** Calls beyond `slowest`. */
export const slowestShare = 0.001;
