import { erlangB } from './erlang-b.ts';

/**
 * Erlang's delay formula: the share of arrivals that have to wait in M/M/c. C = B / (1 − ρ (1 − B)), so it is as
 * stable as `erlangB`.
 *
 * Tested against published tables and SciPy (fixtures/reference/queueing.json).
 *
 * @param offeredErlangs arrival rate × mean service time, below the number of servers
 * @throws RangeError where the queue has no steady state (offeredErlangs ≥ servers), or as `erlangB`.
 */
export function erlangC(servers: number, offeredErlangs: number): number {
  const loss = erlangB(servers, offeredErlangs);
  const utilization = offeredErlangs / servers;
  if (!(utilization < 1))
    throw new RangeError(`${offeredErlangs} erlangs on ${servers} servers: the queue grows without bound`);
  return loss / (1 - utilization * (1 - loss));
}
