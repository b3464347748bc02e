import { type Milliseconds, type Ratio, milliseconds, ratio } from '../../../model/units.ts';
import { erlangC } from './erlang-c.ts';
import { type QueueLoad, offeredErlangsOf } from './queue-model.ts';

export const ggcApproximations = ['allen-cunneen', 'sakasegawa'] as const;

/** Means of G/G/c. There is no closed form: every figure that holds the wait is an approximation. */
export interface ApproximateQueue {
  readonly utilization: Ratio;
  readonly offeredErlangs: number;
  readonly meanQueue: number;
  readonly meanInSystem: number;
  readonly meanWait: Milliseconds;
  readonly meanResponse: Milliseconds;
}

export interface GeneralLoad extends QueueLoad {
  /** Standard deviation / mean of the gaps between arrivals, and of the service times. */
  readonly arrivalCv: number;
  readonly serviceCv: number;
}

/**
 * Mean wait of G/G/c as the wait of M/M/c times (ca² + cs²) / 2:
 * - `allen-cunneen`: with Erlang's C; exact for M/M/c, and with one server for M/G/1 (Pollaczek and Khinchine);
 * - `sakasegawa`: with ρ^(√(2(c + 1)) − 1) in place of C, no sum at all; exact for one server where the former is, and
 *   within a few per cent of it elsewhere.
 *
 * Good near saturation; at a small probability of waiting and with heavy tails both say too much (2.6 times at 5
 * erlangs, 10 servers, cs 3): simulate there, see `simulateQueue`.
 *
 * Sources: Allen, Probability, Statistics and Queueing Theory (1990), 5.4; Sakasegawa, Annals of the Institute of
 * Statistical Mathematics 29 (1977).
 *
 * @throws RangeError at a utilisation of 1 or more, or for a load that is not above 0, or a cv below 0.
 */
export function ggc(load: GeneralLoad, approximation: (typeof ggcApproximations)[number]): ApproximateQueue {
  const { servers, serviceTime, arrivalCv, serviceCv } = load;
  const offeredErlangs = offeredErlangsOf(load);
  for (const cv of [arrivalCv, serviceCv])
    if (!(cv >= 0 && Number.isFinite(cv))) throw new RangeError(`${cv} is no coefficient of variation`);
  const utilization = offeredErlangs / servers;
  if (!(utilization < 1)) throw new RangeError(`utilisation ${utilization}: the queue grows without bound`);
  const wait =
    approximation === 'allen-cunneen'
      ? erlangC(servers, offeredErlangs)
      : utilization ** (Math.sqrt(2 * (servers + 1)) - 1);
  const meanWait = ((wait * serviceTime) / (servers - offeredErlangs)) * ((arrivalCv ** 2 + serviceCv ** 2) / 2);
  const meanQueue = (meanWait / serviceTime) * offeredErlangs;
  return {
    utilization: ratio(utilization),
    offeredErlangs,
    meanQueue,
    meanInSystem: meanQueue + offeredErlangs,
    meanWait: milliseconds(meanWait),
    meanResponse: milliseconds(meanWait + serviceTime),
  };
}
