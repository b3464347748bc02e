import { milliseconds, nanoseconds, seconds } from '../../model/units.ts';
import type { PoolDriver, PoolField } from './pool-fields.ts';
import type { Labels } from './series-table.ts';

export type Convert = (value: number) => number;

export type PoolBuckets = 'waitBuckets' | 'useBuckets';

export interface PoolMetric {
  /** In the driver's own spelling, behind `prefix`. */
  readonly name: string;
  /** Hits and misses together are the connections asked for; buckets make the histograms of waits and of times out. */
  readonly field: PoolField | 'hits' | 'misses' | PoolBuckets;
  readonly convert?: Convert;
  /** The series of the metric that is meant, where one label tells several apart. */
  readonly only?: Labels;
}

export interface PoolExporter {
  readonly driver: PoolDriver;
  /** What metrics begin with; its first group, where it has one, names the pool. */
  readonly prefix: RegExp;
  readonly metrics: readonly PoolMetric[];
  /** Labels that tell one pool from another in the order of preference for its name. */
  readonly nameLabels: readonly string[];
  readonly note?: string;
}

export const zeroIsUnlimited: Convert = (value) => (value === 0 ? Infinity : value);

/** Histograms around the pool of a program that times each acquisition itself: docs/pool-sizing.md, "Measure the waits". */
export const ownHistograms = {
  wait: 'db_acquire_wait_seconds',
  hold: 'db_hold_seconds',
  nameLabel: 'db_name',
} as const;

const sqlFields = [
  'maxOpen',
  'open',
  'inUse',
  'idle',
  'waitCount',
  'waitMs',
  'maxIdleClosed',
  'maxIdleTimeClosed',
  'maxLifetimeClosed',
] as const;

/**
 * Exporters by the names they give, each from its own source: client_golang's DBStats collector, dlmiddlecote/sqlstats,
 * go-gorm/prometheus, XSAM/otelsql, IBM/pgxpoolprometheus, exaring/otelpgx, go-redis' redisprometheus and redisotel, the
 * OpenTelemetry conventions for connection pools, and for the connections of an HTTP client. Names of OpenTelemetry are
 * those of its exporter for Prometheus, with and without suffixes for unit and type.
 */
export const poolExporters: readonly PoolExporter[] = [
  {
    driver: 'database/sql',
    prefix: /^go_sql_(?!stats_connections_)/,
    nameLabels: ['db_name'],
    metrics: statsOfSql(seconds, {
      maxOpen: 'max_open_connections',
      open: 'open_connections',
      inUse: 'in_use_connections',
      idle: 'idle_connections',
      waitCount: 'wait_count_total',
      waitMs: 'wait_duration_seconds_total',
      maxIdleClosed: 'max_idle_closed_total',
      maxIdleTimeClosed: 'max_idle_time_closed_total',
      maxLifetimeClosed: 'max_lifetime_closed_total',
    }),
  },
  {
    driver: 'database/sql',
    prefix: /^go_sql_stats_connections_/,
    nameLabels: ['db_name'],
    metrics: statsOfSql(seconds, {
      maxOpen: 'max_open',
      open: 'open',
      inUse: 'in_use',
      idle: 'idle',
      waitCount: 'waited_for',
      waitMs: 'blocked_seconds',
      maxIdleClosed: 'closed_max_idle',
      maxIdleTimeClosed: 'closed_max_idle_time',
      maxLifetimeClosed: 'closed_max_lifetime',
    }),
  },
  {
    driver: 'database/sql',
    prefix: /^gorm_dbstats_/,
    nameLabels: ['db_name'],
    metrics: statsOfSql(nanoseconds, {
      maxOpen: 'max_open_connections',
      open: 'open_connections',
      inUse: 'in_use',
      idle: 'idle',
      waitCount: 'wait_count',
      waitMs: 'wait_duration',
      maxIdleClosed: 'max_idle_closed',
      maxIdleTimeClosed: 'max_idletime_closed',
      maxLifetimeClosed: 'max_lifetime_closed',
    }),
  },
  {
    driver: 'database/sql',
    prefix: /^db_sql_connection_/,
    nameLabels: ['db_name', 'db_namespace', 'db_sql_name', 'server_address'],
    metrics: [
      { name: 'max_open', field: 'maxOpen', convert: zeroIsUnlimited },
      { name: 'open', field: 'inUse', only: { status: 'inuse' } },
      { name: 'open', field: 'idle', only: { status: 'idle' } },
      ...alike(['wait', 'wait_total'], 'waitCount'),
      ...alike(millisecondNames('wait_duration'), 'waitMs'),
      ...alike(['closed_max_idle', 'closed_max_idle_total'], 'maxIdleClosed'),
      ...alike(['closed_max_idle_time', 'closed_max_idle_time_total'], 'maxIdleTimeClosed'),
      ...alike(['closed_max_lifetime', 'closed_max_lifetime_total'], 'maxLifetimeClosed'),
    ],
  },
  {
    driver: 'pgxpool',
    prefix: /^pgxpool_/,
    nameLabels: ['pool', 'pool_name', 'name', 'db_name', 'database'],
    note: 'waits are acquires that found no idle connection, also those that then opened a new one',
    metrics: [
      ...alike(['max_conns', 'max_connections'], 'maxOpen'),
      ...alike(['total_conns', 'total_connections'], 'open'),
      ...alike(['acquired_conns', 'acquired_connections'], 'inUse'),
      ...alike(['idle_conns', 'idle_connections'], 'idle'),
      ...alike(['acquire_count', 'acquires', 'acquires_total'], 'acquireCount'),
      ...alike(['acquire_duration_ns', ...nanosecondNames('acquire_duration')], 'acquireMs', nanoseconds),
      ...alike(['empty_acquire', 'empty_acquire_total'], 'waitCount'),
      ...alike(['empty_acquire_wait_time_ns', ...nanosecondNames('empty_acquire_wait_time')], 'waitMs', nanoseconds),
      ...alike(['canceled_acquire_count', 'canceled_acquires', 'canceled_acquires_total'], 'cancelledAcquires'),
      ...alike(['new_conns_count', 'new_connections', 'new_connections_total'], 'newConnections'),
      ...alike(['max_idle_destroy_count', 'max_idle_destroys', 'max_idle_destroys_total'], 'maxIdleTimeClosed'),
      ...alike(
        ['max_lifetime_destroy_count', 'max_lifetime_destroys', 'max_lifetime_destroys_total'],
        'maxLifetimeClosed',
      ),
    ],
  },
  {
    driver: 'go-redis',
    prefix: /^(?:(\w+)_)?pool_(?=(?:hit|miss|timeout|conn_stale)_total$|conn_(?:total|idle)_current$)/,
    nameLabels: [],
    note: 'waits for a connection are not exported',
    metrics: [
      { name: 'conn_total_current', field: 'open' },
      { name: 'conn_idle_current', field: 'idle' },
      { name: 'timeout_total', field: 'timeouts' },
      { name: 'hit_total', field: 'hits' },
      { name: 'miss_total', field: 'misses' },
    ],
  },
  {
    driver: 'opentelemetry',
    prefix: /^db_client_connections_/,
    nameLabels: ['pool_name'],
    metrics: [
      { name: 'max', field: 'maxOpen' },
      { name: 'usage', field: 'inUse', only: { state: 'used' } },
      { name: 'usage', field: 'idle', only: { state: 'idle' } },
      ...alike(['waits', 'waits_total'], 'waitCount'),
      ...alike(nanosecondNames('waits_duration'), 'waitMs', nanoseconds),
      { name: 'idle_max', field: 'maxIdle' },
      { name: 'pending_requests', field: 'pending' },
      ...counted('timeouts'),
      ...counted('hits'),
      ...counted('misses'),
      ...timed('milliseconds', milliseconds),
    ],
  },
  {
    driver: 'opentelemetry',
    prefix: /^db_client_connection_/,
    nameLabels: ['db_client_connection_pool_name'],
    metrics: [
      { name: 'max', field: 'maxOpen' },
      { name: 'count', field: 'inUse', only: { db_client_connection_state: 'used' } },
      { name: 'count', field: 'idle', only: { db_client_connection_state: 'idle' } },
      { name: 'idle_max', field: 'maxIdle' },
      { name: 'pending_requests', field: 'pending' },
      ...counted('timeouts'),
      ...timed('seconds', seconds),
    ],
  },
  {
    driver: 'http.Transport',
    prefix: /^http_client_(?=open_connections$)/,
    nameLabels: ['server_address'],
    note: 'connections to one server; waits for one are not exported',
    metrics: [
      { name: 'open_connections', field: 'inUse', only: { http_connection_state: 'active' } },
      { name: 'open_connections', field: 'idle', only: { http_connection_state: 'idle' } },
    ],
  },
];

/** sql.DBStats under an exporter's names; exporters differ in the unit of its time as well. */
function statsOfSql(convertWait: Convert, names: Readonly<Record<(typeof sqlFields)[number], string>>): PoolMetric[] {
  const convert: Readonly<Partial<Record<PoolField, Convert>>> = { maxOpen: zeroIsUnlimited, waitMs: convertWait };
  return sqlFields.flatMap((field) => alike([names[field]], field, convert[field]));
}

/** The histograms of OpenTelemetry's conventions: waiting for a connection, using it, and opening one. */
function timed(unit: 'seconds' | 'milliseconds', convert: Convert): PoolMetric[] {
  return [
    { name: `wait_time_${unit}_sum`, field: 'acquireMs', convert },
    { name: `wait_time_${unit}_count`, field: 'acquireCount' },
    { name: `wait_time_${unit}_bucket`, field: 'waitBuckets', convert },
    { name: `use_time_${unit}_sum`, field: 'useMs', convert },
    { name: `use_time_${unit}_count`, field: 'useCount' },
    { name: `use_time_${unit}_bucket`, field: 'useBuckets', convert },
    { name: `create_time_${unit}_sum`, field: 'dialMs', convert },
    { name: `create_time_${unit}_count`, field: 'newConnections' },
  ];
}

/** A counter of OpenTelemetry's, with and without the suffix of its exporter for Prometheus. */
function counted(field: 'timeouts' | 'hits' | 'misses'): PoolMetric[] {
  return alike([field, `${field}_total`], field);
}

function alike(names: readonly string[], field: PoolMetric['field'], convert?: Convert): PoolMetric[] {
  return names.map((name) => ({ name, field, ...(convert === undefined ? {} : { convert }) }));
}

/** The same of unit ms. */
function millisecondNames(name: string): string[] {
  return [name, `${name}_total`, `${name}_milliseconds`, `${name}_milliseconds_total`];
}

/** How OpenTelemetry's exporter for Prometheus spells a metric of unit ns, with and without suffixes for unit and type. */
function nanosecondNames(name: string): string[] {
  return [name, `${name}_total`, `${name}_nanoseconds`, `${name}_nanoseconds_total`];
}
