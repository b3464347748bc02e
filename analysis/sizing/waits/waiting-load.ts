import { type Milliseconds, type PerSecond, eventsIn } from '../../../model/units.ts';

/** What comes to a set of equal servers (connections of a pool, workers) with one line in front of them. */
export interface WaitingLoad {
  readonly arrivalRate: PerSecond;
  /** Mean time that one arrival keeps one server. */
  readonly serviceTime: Milliseconds;
  /** Standard deviation / mean of the times that a server is kept, and of the gaps between arrivals. */
  readonly serviceCv: number;
  readonly arrivalCv: number;
  /** Who of those waiting gets a server that becomes free. */
  readonly order: 'fifo' | 'random';
}

/** P(wait > limit) ≤ share. */
export interface WaitObjective {
  readonly limit: Milliseconds;
  readonly share: number;
}

/** Only then there is a formula for the tail of the wait. */
export const isMarkov = ({ serviceCv, arrivalCv }: WaitingLoad): boolean => serviceCv === 1 && arrivalCv === 1;

/**
 * Servers that are busy on average, by Little's law: arrival rate × service time. Rounded to twelve digits, so that a
 * load of exactly as many as there are is not taken for a little less.
 */
export const busyServers = ({ arrivalRate, serviceTime }: Pick<WaitingLoad, 'arrivalRate' | 'serviceTime'>): number =>
  Number(eventsIn(arrivalRate, serviceTime).toPrecision(12));
