import { erlangC } from '../../models/queueing/erlang-c.ts';
import { exactTail } from './exact-waits.ts';
import { mostJobs } from './simulated-waits.ts';
import { smallestWhere } from './smallest-where.ts';
import { type WaitObjective, type WaitingLoad, busyServers, isMarkov } from './waiting-load.ts';
import { waitsWith } from './waits-with.ts';
import type { Waits } from './waits.ts';

export interface ServerCount {
  /** The smallest number with P(wait > limit) ≤ share; null where no number up to `mostServers` is known to be enough. */
  readonly enough: number | null;
  /**
   * The smallest number whose 95 % interval reaches down to the share, and the smallest whose interval is wholly within
   * it (null where none is known); the number itself where there is a formula.
   */
  readonly interval: () => { readonly low: number | null; readonly high: number | null };
  /** Any number's waits; those that were looked at already cost nothing. */
  readonly waitsWith: (servers: number) => Waits;
}

/** More is not a pool: the sum of so many loads has to be split. */
export const mostServers = 100_000;
/** A simulation of more servers takes longer than anybody waits. */
export const mostSimulatedErlangs = 2000;

/**
 * The fewest servers that meet an objective for the wait: by formula where there is one, else simulated with a fixed
 * seed, four times as long where the interval does not tell on which side of the objective a number is.
 *
 * @param jobs that one simulated run has at least
 */
export function smallestServers(load: WaitingLoad, objective: WaitObjective, jobs: number, seed: number): ServerCount {
  const { limit, share } = objective;
  const offered = busyServers(load);
  const search = (holds: (servers: number) => boolean, start: number): number | null =>
    smallestWhere(holds, { least: Math.floor(offered) + 1, start, most: mostServers });
  // Erlang's formula is quick and never far off.
  const start = search(
    (servers) => erlangC(servers, offered) * Math.exp((-(servers - offered) * limit) / load.serviceTime) <= share,
    0,
  );
  if (isMarkov(load)) {
    const enough = start === null ? null : search((servers) => exactTail(load, servers, limit) <= share, start);
    return {
      enough,
      interval: () => ({ low: enough, high: enough }),
      waitsWith: (servers) => waitsWith(load, servers, objective, jobs, seed),
    };
  }
  const known = remembered((servers) => {
    const waits = waitsWith(load, servers, objective, jobs, seed);
    const { low, high } = waits.probabilityOver;
    return low <= share && high > share
      ? waitsWith(load, servers, objective, Math.min(jobs * 4, mostJobs), seed)
      : waits;
  });
  const within = (end: 'estimate' | 'high') => (servers: number) => {
    const { probabilityOver, settled } = known(servers);
    return settled && probabilityOver[end] <= share;
  };
  const enough = search(within('estimate'), start ?? mostServers);
  return {
    enough,
    interval: () => ({
      low: enough === null ? null : search((servers) => known(servers).probabilityOver.low <= share, enough),
      high: enough === null ? null : search(within('high'), enough),
    }),
    waitsWith: known,
  };
}

function remembered(compute: (servers: number) => Waits): (servers: number) => Waits {
  const computed = new Map<number, Waits>();
  return (servers) => {
    const before = computed.get(servers);
    if (before !== undefined) return before;
    const waits = compute(servers);
    computed.set(servers, waits);
    return waits;
  };
}
