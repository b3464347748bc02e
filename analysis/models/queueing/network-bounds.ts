import { type PerSecond, perSecond, seconds } from '../../../model/units.ts';

/** One class of jobs in a closed network of stations with one server each, times in one unit (ms). */
export interface BoundedNetwork {
  readonly population: number;
  /** Think time and delays together. */
  readonly thinkTime: number;
  readonly demands: readonly { readonly demand: number; readonly servers: number }[];
}

export interface ThroughputBounds {
  readonly low: PerSecond;
  readonly high: PerSecond;
}

/**
 * What the throughput of a closed network can't leave, whatever the order of service or the distribution of service
 * times: at best nobody ever waits until a station is full, at worst everybody waits for all others everywhere.
 *
 * Source: Muntz and Wong (1974); Lazowska et al., Quantitative System Performance (1984), 5.2.
 */
export function asymptoticBounds({ population, thinkTime, demands }: BoundedNetwork): ThroughputBounds {
  const total = demands.reduce((sum, { demand }) => sum + demand, 0);
  const largest = Math.max(0, ...demands.map(({ demand, servers }) => demand / servers));
  return {
    low: rate(population / (thinkTime + population * total)),
    high: rate(Math.min(1 / largest, population / (thinkTime + total))),
  };
}

/**
 * Tighter, for product-form networks of stations with one server: between the network with the same total demand spread
 * evenly and the one with as many stations of the largest demand as fit into the total.
 *
 * Source: Zahorjan, Sevcik, Eager and Galler, Communications of the ACM 25 (1982), as in Lazowska et al., table 5.2.
 *
 * @returns null where a station has several servers: the bounds don't hold there.
 */
export function balancedJobBounds({ population, thinkTime, demands }: BoundedNetwork): ThroughputBounds | null {
  const used = demands.filter(({ demand }) => demand > 0);
  if (used.length === 0 || used.some(({ servers }) => servers !== 1)) return null;
  const total = used.reduce((sum, { demand }) => sum + demand, 0);
  const largest = Math.max(...used.map(({ demand }) => demand));
  const mean = total / used.length;
  return {
    low: rate(population / (thinkTime + total + ((population - 1) * largest) / (1 + thinkTime / (population * total)))),
    high: rate(
      Math.min(1 / largest, population / (thinkTime + total + ((population - 1) * mean) / (1 + thinkTime / total))),
    ),
  };
}

/** From jobs per millisecond; times of 0 everywhere bound nothing. */
const rate = (perMillisecond: number): PerSecond => perSecond(perMillisecond * seconds(1));
