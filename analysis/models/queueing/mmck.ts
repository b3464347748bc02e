import { type Milliseconds, type PerSecond, milliseconds, perSecond, ratio, rateOf } from '../../../model/units.ts';
import { birthDeath } from './birth-death.ts';
import { poissonMixture } from './poisson-mixture.ts';
import { quantileOfTail } from './quantile-of-tail.ts';
import { type QueueLoad, type QueueModel, offeredErlangsOf } from './queue-model.ts';

/** M/M/c/K: a steady state at any load, since arrivals that find `limit` jobs are turned away. */
export interface LimitedQueueModel extends QueueModel {
  /** Accepted arrivals per second. */
  readonly throughput: PerSecond;
}

/**
 * M/M/c/K: as M/M/c, but an arrival that finds `limit` jobs (those in service included) is lost. With limit = servers
 * it is Erlang's loss system.
 *
 * The tails are those of accepted arrivals, by uniformisation: all that an accepted job still has to see are events of
 * a Poisson process with rate c / S: one for each job that must leave before it starts, then one that ends its own
 * service with probability 1 / c. Every term of the sum is positive, for any c and K.
 *
 * Sources: Gross and Harris, Fundamentals of Queueing Theory, 2.5; uniformisation: Grassmann (1977).
 * Tested against SciPy's matrix exponential, published tables and ciw (fixtures/reference/queueing.json).
 *
 * @throws RangeError unless limit is a whole number from `servers` to `largestLimit`, or for a load that is not above 0.
 */
export function mmck(load: QueueLoad, limit: number): LimitedQueueModel {
  const { servers, serviceTime, arrivalRate } = load;
  const offeredErlangs = offeredErlangsOf(load);
  if (!Number.isInteger(limit) || limit < servers || limit > largestLimit)
    throw new RangeError(`limit ${limit} is not a whole number from ${servers} to ${largestLimit}`);
  const states = birthDeath(
    Float64Array.from({ length: limit }, (_, state) => offeredErlangs / Math.min(state + 1, servers)),
  );
  const blocked = states[limit] ?? 0;
  let meanQueue = 0;
  let busy = 0;
  let accepted = 0;
  for (const [jobs, share] of states.entries()) {
    meanQueue += Math.max(0, jobs - servers) * share;
    busy += Math.min(jobs, servers) * share;
    if (jobs < limit) accepted += share;
  }
  // busy = a (1 − p(K)) by Little's law; both sides are sums of positive terms, 1 − p(K) is not.
  const throughput = rateOf(busy, serviceTime);
  const meanWait = meanQueue / busy;
  const tails = tailsOf(states, servers, limit, accepted);
  const rate = servers / serviceTime;
  const waitTail = (time: Milliseconds): number => (time < 0 ? 1 : poissonMixture(tails.wait, rate * time));
  const responseTail = (time: Milliseconds): number => (time < 0 ? 1 : poissonMixture(tails.response, rate * time));
  return {
    utilization: ratio(busy / servers),
    offeredErlangs,
    probabilityEmpty: ratio(states[0] ?? 0),
    probabilityWait: ratio(tails.wait(0)),
    probabilityBlocked: ratio(blocked),
    meanQueue,
    meanInSystem: meanQueue + busy,
    meanWait: milliseconds(meanWait * serviceTime),
    meanResponse: milliseconds((meanWait + 1) * serviceTime),
    throughput: perSecond(Math.min(throughput, arrivalRate)),
    waitTail,
    responseTail,
    waitQuantile: (probability) => quantileOfTail(waitTail, probability, serviceTime),
    responseQuantile: (probability) => quantileOfTail(responseTail, probability, serviceTime),
  };
}

/** P(still waiting), P(not yet answered) after so many events of the uniformised process. */
function tailsOf(
  states: Float64Array,
  servers: number,
  limit: number,
  accepted: number,
): { readonly wait: (events: number) => number; readonly response: (events: number) => number } {
  // Share of accepted arrivals that must see so many jobs leave before they start; the last index: all that could be.
  const ahead = new Float64Array(limit - servers + 1);
  for (let jobs = 0; jobs < limit; jobs++) {
    const index = Math.max(0, jobs - servers + 1);
    ahead[index] = (ahead[index] ?? 0) + (states[jobs] ?? 0) / accepted;
  }
  const stays = 1 - 1 / servers;
  const waiting = new Float64Array(ahead.length);
  const serving = new Float64Array(ahead.length);
  for (let index = ahead.length - 2; index >= 0; index--)
    waiting[index] = (waiting[index + 1] ?? 0) + (ahead[index + 1] ?? 0);
  for (const [index, share] of ahead.entries()) serving[index] = stays * (serving[index - 1] ?? 0) + share;
  const last = ahead.length - 1;
  return {
    wait: (events) => waiting[events] ?? 0,
    response: (events) =>
      events <= last
        ? Math.min(1, (waiting[events] ?? 0) + (serving[events] ?? 0))
        : (serving[last] ?? 0) * stays ** (events - last),
  };
}

/** A longer queue is as good as unlimited, and would only fill the memory. */
export const largestLimit = 5_000_000;
