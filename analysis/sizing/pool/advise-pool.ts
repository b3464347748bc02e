import type { Interval, PoolCell, PoolObjective } from '../../../model/pool-decision.ts';
import type { OurPoolAdvice } from '../../../model/pool-rules.ts';
import { nextPoolSize, poolThresholds } from './next-pool-size.ts';

/** How a hold time follows the load: its ratio to that of the lowest load, with both intervals in it; null for the lowest itself. */
export function holdRise(hold: Interval | null, lowest: Interval | null): Interval | null {
  if (hold === null || lowest === null || hold === lowest || !(lowest.low > 0)) return null;
  return {
    estimate: hold.estimate / lowest.estimate,
    low: hold.low / lowest.high,
    high: hold.high / lowest.low,
  };
}

/**
 * What one size of a pool under one load says: the step of `nextPoolSize`, but not to a larger pool where hold times surely
 * grew with the load by more than `sameWithin`. There the database slows, and whether it gives more with more connections
 * only another size tells.
 */
export function advisePool(cell: PoolCell, rise: Interval | null, objective: PoolObjective): OurPoolAdvice {
  const { kind, rule, next } = nextPoolSize([cell], {
    objective,
    least: 1,
    most: Infinity,
    thresholds: poolThresholds,
  });
  if (kind === 'grow' && rise !== null && rise.low > 1 + poolThresholds.sameWithin)
    return { kind: 'database-slows', rule, next: null };
  // A single size is never the end of a comparison of sizes.
  return kind === 'stop-database-is-the-limit'
    ? { kind: 'inconclusive', rule, next: null }
    : { kind, rule, next: kind === 'inconclusive' ? null : next };
}
