import type { Milliseconds, PerSecond } from './units.ts';

/** A measured number with its 95 % interval. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** A pool under one load, as a run measured it. Null: the pool's metrics do not tell. */
export interface PoolReading {
  /** Requests per second that were due; null where the load is closed and gives no rate. */
  readonly offered: PerSecond | null;
  /** Requests per second that were answered as expected. */
  readonly throughput: Interval;
  /** Mean time from acquire to release, ms. */
  readonly hold: Interval | null;
  /** Mean wait over all acquisitions, those that did not wait among them, ms. */
  readonly wait: Interval | null;
  /** Share of acquisitions that had to wait at all. */
  readonly waiting: Interval | null;
  /** Share of acquisitions that waited longer than the objective's limit; only a histogram of the waits tells. */
  readonly waitOver: Interval | null;
  /** Connections in use, on average. */
  readonly inUse: Interval | null;
  /** Share of requests that failed. */
  readonly errors: number;
  /** Mean response time of the requests, ms: nothing that our rule uses, but what the article's does. */
  readonly latency: Milliseconds | null;
}

/** One pool size as all its runs together measured it. */
export interface PoolCell extends PoolReading {
  readonly size: number;
  /** Valid runs with this size. */
  readonly repeats: number;
}

/** How long acquisitions may wait: on average, or all but a share of them. */
export type PoolObjective =
  | { readonly kind: 'mean-wait'; readonly limit: Milliseconds }
  | { readonly kind: 'wait-over'; readonly limit: Milliseconds; readonly share: number };

export type PoolDecisionKind = 'grow' | 'shrink' | 'stay' | 'stop-database-is-the-limit' | 'inconclusive';

export const poolRules = [
  /** Acquisitions wait longer than the objective, and nothing says that the database slows. */
  'waits-hold-flat',
  /** The hold time rises, but so does what gets through. */
  'waits-database-gives-more',
  /** Acquisitions wait longer than the objective, and there is no smaller size to compare the hold time with. */
  'waits-first-size',
  /** The hold time rose with the pool, and no more gets through. */
  'hold-rises-throughput-does-not',
  /** The same at the smallest size that was measured: fewer may do. */
  'hold-rises-smaller-untried',
  /** The objective is met and much of the pool is idle. */
  'idle',
  /** Nothing waits because there are no more callers than connections. */
  'all-busy-none-waits',
  /** The objective is met, and not much is idle, or there is nothing smaller. */
  'met',
  /** Some smaller size misses, some larger one meets: the middle of both. */
  'between-missed-and-met',
  /** The same, and both are one size within the dead band. */
  'within-dead-band',
  /** The largest size that is allowed still misses. */
  'at-most',
  /** The objective, or whether the hold time rises, is not told apart yet: the same size again. */
  'measure-again',
  /** The same after all repeats that are allowed. */
  'not-told-apart',
  'hold-or-waits-unknown',
  /** The objective is a share beyond a limit, and only the mean wait is known. */
  'tail-unknown',
  'requests-fail',
] as const;
export type PoolRule = (typeof poolRules)[number];

/** A size beside a smaller one: its figures / those of the smaller, 95 %. */
export interface PoolComparison {
  readonly size: number;
  readonly smaller: number;
  readonly hold: Interval;
  readonly throughput: Interval;
  /** Wait and hold time together. */
  readonly acquisition: Interval;
  /** Whether the database gives more with the larger: judged by the throughput, or, where both carried the load, by the time of an acquisition. */
  readonly judgedBy: 'throughput' | 'acquisition';
}

/** One step of a pool sweep with every number that made it. */
export interface PoolDecision {
  readonly kind: PoolDecisionKind;
  readonly rule: PoolRule;
  /** The size to measure next; null where the sweep is over. */
  readonly next: number | null;
  /** The size that the cells so far recommend; null where they recommend none. */
  readonly recommended: number | null;
  /** The newest cell, which the step was taken from. */
  readonly cell: PoolCell;
  readonly objective: PoolObjective;
  readonly verdict: 'met' | 'missed' | 'undecided' | 'unknown';
  readonly comparison: PoolComparison | null;
  readonly thresholds: PoolThresholds;
}

/** What decides, named; all of them are fractions but the numbers of runs. */
export interface PoolThresholds {
  /** A hold time, a throughput or a time of acquisition that changes by no more than this is the same. */
  readonly sameWithin: number;
  /**
   * Of a saturated database hold times grow as the pool does. They have to grow by this power of the pool's growth at least:
   * with 0.5, by a fifth for half as many connections again. Less is no sign of it, but of something else.
   */
  readonly saturation: number;
  /** Sizes closer than this (and neighbours) are the same size. */
  readonly deadBand: number;
  /** How much larger or smaller the next size is, where no measured size bounds it. */
  readonly step: number;
  /** From this share of idle connections on a pool that hardly waits is too large. */
  readonly idle: number;
  /** A database that is the limit: the smallest size with this share of the best throughput. */
  readonly ofBest: number;
  /** A load of which this share is answered was carried. */
  readonly carried: number;
  /** More failed requests than this, and waits and hold times tell of something else. */
  readonly errors: number;
  /** The database is said to be the limit only by so many runs of both sizes. */
  readonly stopRepeats: number;
  /** Runs of one size at most. */
  readonly mostRepeats: number;
}

/** A sweep's steps, and what the article's rule would have done after each of the same cells. */
export interface PoolSweepLog {
  readonly decisions: readonly PoolDecision[];
  /** Null where nobody asked for the comparison. */
  readonly article: {
    readonly latencyLimit: Milliseconds;
    readonly throughputTarget: PerSecond;
    /** The size it goes to after each decision's cell; null where the latency was not measured. */
    readonly sizes: readonly (number | null)[];
  } | null;
}
