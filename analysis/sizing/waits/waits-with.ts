import { exactWaits } from './exact-waits.ts';
import { simulatedWaits } from './simulated-waits.ts';
import { type WaitObjective, type WaitingLoad, busyServers, isMarkov } from './waiting-load.ts';
import { type Waits, endlessWaits } from './waits.ts';

/**
 * How long arrivals wait with so many servers: by formula where there is one, else simulated.
 *
 * @param jobs that one simulated run has at least
 */
export function waitsWith(
  load: WaitingLoad,
  servers: number,
  objective: WaitObjective,
  jobs: number,
  seed: number,
): Waits {
  if (servers <= busyServers(load)) return endlessWaits(servers);
  return isMarkov(load) ? exactWaits(load, servers, objective) : simulatedWaits(load, servers, objective, jobs, seed);
}
