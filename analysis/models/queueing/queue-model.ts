import { type Milliseconds, type PerSecond, type Ratio, eventsIn } from '../../../model/units.ts';

/** What arrives at a queue and what serves it. */
export interface QueueLoad {
  readonly servers: number;
  readonly arrivalRate: PerSecond;
  /** Mean time of one server for one job. */
  readonly serviceTime: Milliseconds;
}

/** The steady state of one queue, first come first served. Waits and responses are those of accepted arrivals. */
export interface QueueModel {
  /** Carried load per server. */
  readonly utilization: Ratio;
  /** Arrival rate × service time. */
  readonly offeredErlangs: number;
  /** Share of time without any job. */
  readonly probabilityEmpty: Ratio;
  /** Share of the accepted arrivals that don't start at once. */
  readonly probabilityWait: Ratio;
  /** Share of arrivals turned away; null where none can be. */
  readonly probabilityBlocked: Ratio | null;
  /** Jobs waiting, and jobs waiting or in service. */
  readonly meanQueue: number;
  readonly meanInSystem: number;
  readonly meanWait: Milliseconds;
  readonly meanResponse: Milliseconds;
  /** P(wait > t), P(response > t). */
  readonly waitTail: (time: Milliseconds) => number;
  readonly responseTail: (time: Milliseconds) => number;
  /** The shortest time with P(time ≤ it) ≥ probability; @throws RangeError unless 0 ≤ probability < 1. */
  readonly waitQuantile: (probability: number) => Milliseconds;
  readonly responseQuantile: (probability: number) => Milliseconds;
}

/**
 * Arrival rate × service time, once both were looked at.
 *
 * @throws RangeError unless servers is a whole number above 0, and rate and time are finite and above 0.
 */
export function offeredErlangsOf({ servers, arrivalRate, serviceTime }: QueueLoad): number {
  if (!Number.isInteger(servers) || servers < 1) throw new RangeError(`${servers} is no number of servers`);
  if (!(arrivalRate > 0 && Number.isFinite(arrivalRate))) throw new RangeError(`${arrivalRate} is no arrival rate`);
  if (!(serviceTime > 0 && Number.isFinite(serviceTime))) throw new RangeError(`${serviceTime} is no service time`);
  return eventsIn(arrivalRate, serviceTime);
}
