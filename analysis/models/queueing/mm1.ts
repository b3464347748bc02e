import { type PerSecond, type Milliseconds, milliseconds, ratio } from '../../../model/units.ts';
import { type QueueModel, offeredErlangsOf } from './queue-model.ts';

/**
 * M/M/1: Poisson arrivals, exponential service, one server, first come first served. Response times are exponential
 * with mean S / (1 − ρ); the wait is 0 with probability 1 − ρ and else has the same distribution as the response.
 *
 * Source: Kleinrock, Queueing Systems I (1975), 3.2 and 5.12.
 *
 * @throws RangeError at a utilisation of 1 or more, or for a rate or time that is not above 0.
 */
export function mm1(arrivalRate: PerSecond, serviceTime: Milliseconds): QueueModel {
  const utilization = offeredErlangsOf({ servers: 1, arrivalRate, serviceTime });
  if (!(utilization < 1)) throw new RangeError(`utilisation ${utilization}: the queue grows without bound`);
  const meanResponse = serviceTime / (1 - utilization);
  const quantile = (probability: number, share: number): Milliseconds => {
    if (!(probability >= 0 && probability < 1)) throw new RangeError(`probability ${probability} is not in 0 to 1`);
    return milliseconds(Math.max(0, meanResponse * Math.log(share / (1 - probability))));
  };
  return {
    utilization: ratio(utilization),
    offeredErlangs: utilization,
    probabilityEmpty: ratio(1 - utilization),
    probabilityWait: ratio(utilization),
    probabilityBlocked: null,
    meanQueue: utilization ** 2 / (1 - utilization),
    meanInSystem: utilization / (1 - utilization),
    meanWait: milliseconds(utilization * meanResponse),
    meanResponse: milliseconds(meanResponse),
    waitTail: (time) => (time < 0 ? 1 : utilization * Math.exp(time / -meanResponse)),
    responseTail: (time) => (time < 0 ? 1 : Math.exp(time / -meanResponse)),
    waitQuantile: (probability) => quantile(probability, utilization),
    responseQuantile: (probability) => quantile(probability, 1),
  };
}
