import type { Milliseconds } from '../../../model/units.ts';
import { mmc } from '../../models/queueing/mmc.ts';
import { type RandomOrderQueue, mmcRandomOrder } from '../../models/queueing/mmc-random-order.ts';
import type { WaitObjective, WaitingLoad } from './waiting-load.ts';
import { type Waits, exactly, waitProbabilities } from './waits.ts';

/**
 * Waits by formula, for Poisson arrivals and exponential service in either order: see `mmc` and `mmcRandomOrder`.
 *
 * @throws RangeError where so many servers have no steady state.
 */
export function exactWaits(load: WaitingLoad, servers: number, { limit }: WaitObjective): Waits {
  const model = modelOf(load, servers);
  return {
    servers,
    utilization: model.utilization,
    probabilityWait: exactly(model.probabilityWait),
    meanWait: exactly(model.meanWait),
    quantiles: waitProbabilities.map((probability) => exactly(model.waitQuantile(probability))),
    probabilityOver: exactly(model.waitTail(limit)),
    settled: true,
  };
}

/** P(wait > limit) alone, which is quicker. @throws RangeError as `exactWaits` */
export const exactTail = (load: WaitingLoad, servers: number, limit: Milliseconds): number =>
  modelOf(load, servers).waitTail(limit);

const modelOf = (load: WaitingLoad, servers: number): RandomOrderQueue =>
  load.order === 'fifo' ? mmc({ ...load, servers }) : mmcRandomOrder({ ...load, servers });
