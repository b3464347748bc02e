import { mostSimulatedErlangs } from '../analysis/sizing/waits/smallest-servers.ts';
import { type WaitingLoad, busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { rateText } from '../model/rate-text.ts';
import type { PoolBounds } from './pool-bounds.ts';

/** Why no size of a pool is recommended although its load is known. */
export type PoolRefusal = 'database-saturated' | 'connections-exhausted' | 'too-large-to-simulate' | 'never-enough';

export function poolRefusal(
  reason: 'saturated' | 'too-large-to-simulate' | 'never-enough',
  { atMost }: PoolBounds,
): PoolRefusal {
  if (reason !== 'saturated') return reason;
  return atMost?.by === 'connections' ? 'connections-exhausted' : 'database-saturated';
}

/** What a size must not exceed, in words. */
export function boundText({ database, databaseBy, connections, atMost }: PoolBounds): string {
  return atMost?.by === 'connections'
    ? `the database has ${connections} for each instance`
    : `the database executes ${database} statements at once without slowing${databaseBy === 'measured' ? ' (as measured)' : ''}`;
}

/** What would lift that bound. */
export const boundRemedy = ({ atMost }: PoolBounds): string =>
  atMost?.by === 'connections'
    ? 'fewer instances, a pooler in between, or more connections of the database'
    : 'fewer or shorter statements, or a database that executes more';

export function refusalText(code: PoolRefusal, load: WaitingLoad, bounds: PoolBounds): string {
  const busy = busyServers(load).toPrecision(4);
  switch (code) {
    case 'database-saturated':
      return `the database is saturated, and no pool helps: acquisitions at ${rateText(load.arrivalRate)}, ${Number(load.serviceTime.toPrecision(4))} ms each, keep ${Number(busy)} statements running, and ${boundText(bounds)}; ${boundRemedy(bounds)}`;
    case 'connections-exhausted':
      return `${Number(busy)} connections are busy on average, and ${boundText(bounds)}: ${boundRemedy(bounds)}`;
    case 'too-large-to-simulate':
      return `${Number(busy)} busy connections are more than a simulation can settle (${mostSimulatedErlangs}): size one instance, or take hold times as exponential (--hold-cv 1)`;
    case 'never-enough':
      return 'no number of connections is known to meet the objective; a longer limit, or a lower load';
    default:
      return code satisfies never;
  }
}
