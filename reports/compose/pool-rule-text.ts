import type { PoolRule } from '../../model/pool-decision.ts';

/** Every rule in words; docs/pool-sizing.md lists the codes. */
export const poolRuleText: Readonly<Record<PoolRule, string>> = {
  'waits-hold-flat': 'acquisitions wait, and the database is no slower with more connections',
  'waits-database-gives-more': 'acquisitions wait, and the database gives more with more connections',
  'waits-first-size': 'acquisitions wait; there is no smaller size to compare the hold time with',
  'hold-rises-throughput-does-not': 'the hold time rose with the pool, and no more got through',
  'hold-rises-smaller-untried': 'the hold time rose with the pool, and no more got through: fewer may do',
  idle: 'the objective is met, and much of the pool is idle',
  'all-busy-none-waits': 'as many connections as callers: a smaller pool shows whether the database is faster',
  met: 'the objective is met, and not much is idle',
  'between-missed-and-met': 'the middle of a size that misses and one that meets',
  'within-dead-band': 'the next smaller size misses; closer is the same size',
  'at-most': 'the largest size that is allowed; the objective is missed',
  'measure-again': 'the intervals do not tell',
  'not-told-apart': 'the intervals do not tell, after all repeats that are allowed',
  'hold-or-waits-unknown': 'the metrics do not tell hold times or waits',
  'tail-unknown': 'only the mean wait is known, and it proves nothing of the share beyond the limit',
  'requests-fail': 'too many requests failed',
};
