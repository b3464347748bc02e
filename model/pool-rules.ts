import type { Interval, PoolCell, PoolObjective, PoolRule } from './pool-decision.ts';
import type { Milliseconds, PerSecond } from './units.ts';

/** What a run says of the size of its pool: by our rule, and by the one that articles give, from the same figures. */
export interface PoolRules {
  readonly pool: string;
  /** Hold times and waits are those of an acquisition, or, where acquisitions are not counted, of all of a request. */
  readonly per: 'acquisition' | 'request';
  /** Of our rule. */
  readonly objective: PoolObjective;
  /** Of the article's rule. */
  readonly latencyLimit: Milliseconds;
  readonly throughputTarget: PerSecond;
  /** In rising order of rate; at least one. */
  readonly stages: readonly PoolRulesStage[];
}

export interface PoolRulesStage {
  readonly stage: number;
  readonly name: string;
  readonly cell: PoolCell;
  /** Hold time of this stage / that of the lowest; null in that stage itself. */
  readonly holdRise: Interval | null;
  readonly ours: OurPoolAdvice;
  /** The size that the article's rule goes to; null where the latency was not measured. */
  readonly article: number | null;
}

/**
 * `database-slows`: acquisitions wait, but hold times surely grew with the load: a larger pool may only move the wait into
 * the database, and one run of one size does not tell.
 */
export interface OurPoolAdvice {
  readonly kind: 'grow' | 'shrink' | 'stay' | 'database-slows' | 'inconclusive';
  /** Why, where no hold time that grew decides. */
  readonly rule: PoolRule;
  /** The size to try; null where none is. */
  readonly next: number | null;
}
