import { type Milliseconds, milliseconds, ratio } from '../../../model/units.ts';
import { birthDeath } from './birth-death.ts';
import { erlangC } from './erlang-c.ts';
import { quantileOfTail } from './quantile-of-tail.ts';
import { type QueueLoad, type QueueModel, offeredErlangsOf } from './queue-model.ts';

/**
 * M/M/c: Poisson arrivals, exponential service, c servers, one queue, first come first served. Finite and not negative
 * for any number of servers.
 *
 * Sources: Kleinrock, Queueing Systems I (1975), 3.5; tail of the response as in Gross and Harris, Fundamentals of
 * Queueing Theory, 2.3. Tested against published tables, SciPy and ciw (fixtures/reference/queueing.json).
 *
 * @throws RangeError at a utilisation of 1 or more, or for a rate, time or number of servers that is not above 0.
 */
export function mmc(load: QueueLoad): QueueModel {
  const { servers, serviceTime } = load;
  const offeredErlangs = offeredErlangsOf(load);
  const wait = erlangC(servers, offeredErlangs);
  const spare = servers - offeredErlangs;
  const meanWait = (wait * serviceTime) / spare;
  const waitTail = (time: Milliseconds): number => (time < 0 ? 1 : wait * Math.exp((-spare * time) / serviceTime));
  const responseTail = (time: Milliseconds): number => (time < 0 ? 1 : responseBeyond(time / serviceTime, wait, spare));
  return {
    utilization: ratio(offeredErlangs / servers),
    offeredErlangs,
    probabilityEmpty: ratio(emptyShare(servers, offeredErlangs)),
    probabilityWait: ratio(wait),
    probabilityBlocked: null,
    meanQueue: (wait * offeredErlangs) / spare,
    meanInSystem: (wait * offeredErlangs) / spare + offeredErlangs,
    meanWait: milliseconds(meanWait),
    meanResponse: milliseconds(meanWait + serviceTime),
    waitTail,
    responseTail,
    waitQuantile: (probability) => {
      if (!(probability >= 0 && probability < 1)) throw new RangeError(`probability ${probability} is not in 0 to 1`);
      return milliseconds(Math.max(0, (serviceTime / spare) * Math.log(wait / (1 - probability))));
    },
    responseQuantile: (probability) => quantileOfTail(responseTail, probability, serviceTime),
  };
}

/**
 * P(response > t) with t in service times: e⁻ᵗ + C (e⁻ᵗ − e⁻ᵗˢ) / (s − 1), s = c − a. Where s is near 1 the difference
 * loses all its digits, and its limit is C t e⁻ᵗ; `expm1` on the side that decays gets both right.
 */
function responseBeyond(time: number, wait: number, spare: number): number {
  const gap = spare - 1;
  const slower = Math.exp(-time * Math.min(1, spare));
  const between = gap === 0 ? time : -Math.expm1(-time * Math.abs(gap)) / Math.abs(gap);
  return Math.min(1, Math.exp(-time) + wait * slower * between);
}

/** All states above c together weigh ρ / (1 − ρ) times state c, as if they were one. */
function emptyShare(servers: number, offeredErlangs: number): number {
  const rises = Float64Array.from({ length: servers + 1 }, (_, state) =>
    state < servers ? offeredErlangs / (state + 1) : offeredErlangs / (servers - offeredErlangs),
  );
  return birthDeath(rises)[0] ?? 0;
}
