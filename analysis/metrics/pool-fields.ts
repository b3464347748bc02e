import type { Series } from '../../model/series.ts';
import type { HistogramSeries } from './histogram-series.ts';

/** What is known of a pool of connections, each as a value of one kind. Counts and times are counters. */
export interface PoolFields<Value> {
  /** Infinity: without limit, the default of database/sql. */
  readonly maxOpen: Value;
  readonly open: Value;
  readonly inUse: Value;
  readonly idle: Value;
  /** How many idle ones are kept at most. */
  readonly maxIdle: Value;
  /** Acquisitions that wait at this moment. */
  readonly pending: Value;
  /** Connections asked for that were not there at once, and the time spent until they were. */
  readonly waitCount: Value;
  readonly waitMs: Value;
  /** Connections handed out, and the time from asking to getting them. */
  readonly acquireCount: Value;
  readonly acquireMs: Value;
  /** Connections given back, and the time they were out. */
  readonly useCount: Value;
  readonly useMs: Value;
  /** Closed because more were idle than may be: the sign of a pool that opens and closes all the time. */
  readonly maxIdleClosed: Value;
  readonly maxIdleTimeClosed: Value;
  readonly maxLifetimeClosed: Value;
  /** Connections opened, and the time that took. */
  readonly newConnections: Value;
  readonly dialMs: Value;
  readonly cancelledAcquires: Value;
  readonly timeouts: Value;
}

export type PoolField = keyof PoolFields<unknown>;
export type PoolDriver = 'database/sql' | 'pgxpool' | 'go-redis' | 'opentelemetry' | 'http.Transport';

/** A pool as a source shows it, in our units. Hits and misses together are the connections asked for. */
export interface FoundPool {
  readonly driver: PoolDriver;
  readonly name: string;
  readonly note: string | null;
  readonly fields: ReadonlyMap<PoolField | 'hits' | 'misses', Series>;
  readonly waitHistogram: HistogramSeries | null;
  readonly holdHistogram: HistogramSeries | null;
  readonly metrics: readonly string[];
}
