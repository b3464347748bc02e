import type { PoolCell, PoolSweepLog } from '../../../model/pool-decision.ts';
import { type Milliseconds, type PerSecond, perSecond } from '../../../model/units.ts';

/** What the rule looks at: nothing of the pool, and nothing of the database. */
export interface ArticleReading {
  readonly latency: Milliseconds;
  readonly throughput: PerSecond;
}

export interface ArticleLimits {
  readonly latency: Milliseconds;
  readonly throughput: PerSecond;
  readonly least: number;
  /** A smaller change is not made. */
  readonly deadBand: number;
}

/**
 * The rule for a pool's size that is often given, as it is given: a fifth more connections where the mean latency is above
 * its limit and the throughput below its target, a tenth fewer where the latency is below four fifths of its limit and the
 * throughput above nine tenths of its target, both cut to whole numbers, and no change within a dead band. It is here to be
 * compared with `nextPoolSize` and used for nothing else: it cannot tell a wait for the pool from a slow database, so it
 * grows the pool into a database that is saturated; and cut to whole numbers it never grows a pool below five.
 */
export function articlePoolSize(size: number, { latency, throughput }: ArticleReading, limits: ArticleLimits): number {
  const wanted =
    latency > limits.latency && throughput < limits.throughput
      ? Math.trunc((size * 6) / 5)
      : latency < limits.latency * 0.8 && throughput > limits.throughput * 0.9
        ? Math.max(limits.least, Math.trunc((size * 9) / 10))
        : size;
  return Math.abs(wanted - size) > limits.deadBand ? wanted : size;
}

/** Where that rule would go from each of the cells: the other column of a sweep's log. */
export function articleSteps(
  cells: readonly PoolCell[],
  limits: Pick<ArticleLimits, 'latency' | 'throughput'>,
): NonNullable<PoolSweepLog['article']> {
  return {
    latencyLimit: limits.latency,
    throughputTarget: limits.throughput,
    sizes: cells.map(({ size, latency, throughput }) =>
      latency === null
        ? null
        : articlePoolSize(
            size,
            { latency, throughput: perSecond(throughput.estimate) },
            { ...limits, least: 1, deadBand: 0 },
          ),
    ),
  };
}
