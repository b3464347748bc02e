import { type Milliseconds, milliseconds, ratio } from '../../../model/units.ts';
import { mmc } from './mmc.ts';
import { quantileOfTail } from './quantile-of-tail.ts';
import type { QueueLoad, QueueModel } from './queue-model.ts';

/** The waits of M/M/c; the rest of it does not depend on the order in which those waiting are served. */
export type RandomOrderQueue = Pick<
  QueueModel,
  'utilization' | 'probabilityWait' | 'meanWait' | 'waitTail' | 'waitQuantile'
>;

/**
 * M/M/c where a server that becomes free takes any of those waiting, each with the same probability: how Go's
 * database/sql hands on connections. Probability and mean of the wait are those of first come first served; early on its
 * tail is lower, far out higher (its second moment is 2 / (2 − ρ) times as large).
 *
 * While somebody waits all servers are busy, so who waits sees one server that is c times as fast: the tail among those
 * who wait is that of M/M/1, for which Flatto gives an integral.
 *
 * Source: Flatto, "The waiting time distribution for the random order service M/M/1 queue", Annals of Applied Probability
 * 7 (1997). Tested against the matrix exponential of the tagged job's Markov chain (fixtures/reference/random-order.json).
 *
 * @throws RangeError as `mmc`.
 */
export function mmcRandomOrder(load: QueueLoad): RandomOrderQueue {
  const { servers, serviceTime } = load;
  const { utilization, probabilityWait, meanWait } = mmc(load);
  const waitTail = (time: Milliseconds): number =>
    time < 0 ? 1 : probabilityWait * randomOrderTail(utilization, (time / serviceTime) * servers);
  return {
    utilization,
    probabilityWait: ratio(probabilityWait),
    meanWait: milliseconds(meanWait),
    waitTail,
    waitQuantile: (probability) => quantileOfTail(waitTail, probability, serviceTime),
  };
}

/**
 * P(wait > time | wait > 0) in M/M/1 with random order, time in service times. The integrand vanishes with all its
 * derivatives at both ends, so the trapezoidal rule converges faster than any power of its step; it is halved until
 * nothing changes any more.
 */
function randomOrderTail(utilization: number, time: number): number {
  if (time === 0) return 1;
  let points = 32;
  let sum = 0;
  for (let point = 1; point < points; point++) sum += integrand((Math.PI * point) / points, utilization, time);
  for (let before = Number.NaN; points <= mostPoints; points *= 2) {
    const value = (2 * (1 - utilization) * Math.PI * sum) / points;
    if (Math.abs(value - before) <= 1e-12 * value) return Math.min(1, value);
    before = value;
    for (let point = 1; point < 2 * points; point += 2)
      sum += integrand((Math.PI * point) / (2 * points), utilization, time);
  }
  throw new RangeError(`utilisation ${utilization}: too near 1 for the tail of the random order`);
}

const mostPoints = 2 ** 20;

function integrand(angle: number, utilization: number, time: number): number {
  const root = Math.sqrt(utilization);
  const cotangent = Math.cos(angle) / Math.sin(angle);
  const phase = Math.atan2(Math.sin(angle), Math.cos(angle) - root);
  const decay = 1 + utilization - 2 * root * Math.cos(angle);
  // 1 / (1 + eˣ) by its logarithm: eˣ alone overflows near both ends.
  const bend = Math.PI * cotangent;
  const logDenominator = bend > 0 ? bend + Math.log1p(Math.exp(-bend)) : Math.log1p(Math.exp(bend));
  return (Math.sin(angle) * Math.exp((2 * phase - angle) * cotangent - logDenominator - decay * time)) / decay ** 2;
}
