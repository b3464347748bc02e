import type { Series } from '../../model/series.ts';
import { nanoseconds, seconds } from '../../model/units.ts';
import { convertSeries, differenceOfSeries, sumOfSeries } from './combine-series.ts';
import type { DecodedScrapes } from './decode-scrapes.ts';
import type { DecodedSource } from './reading.ts';
import type { Labels } from './series-table.ts';
import type { Provenance, Signal, SignalUnit } from './signal.ts';

/** What is known of one pool of connections; null: its exporter does not say. Counts and times of waiting are counters. */
export interface PoolSignals {
  /** By its labels where it has some, else by its library. Unique within a run. */
  readonly name: string;
  readonly driver: 'database/sql' | 'pgxpool' | 'go-redis' | 'opentelemetry';
  /** Infinity: without limit, the default of database/sql. */
  readonly maxOpen: Signal | null;
  readonly open: Signal | null;
  readonly inUse: Signal | null;
  readonly idle: Signal | null;
  /** Connections asked for that were not there at once, and the time spent until they were. */
  readonly waitCount: Signal | null;
  readonly waitMs: Signal | null;
  /** Connections handed out, and the time from asking to getting them. */
  readonly acquireCount: Signal | null;
  readonly acquireMs: Signal | null;
  /** Connections given back, and the time they were out. */
  readonly useCount: Signal | null;
  readonly useMs: Signal | null;
  /** Closed because more were idle than may be: the sign of a pool that opens and closes all the time. */
  readonly maxIdleClosed: Signal | null;
  readonly maxIdleTimeClosed: Signal | null;
  readonly maxLifetimeClosed: Signal | null;
  readonly newConnections: Signal | null;
  readonly cancelledAcquires: Signal | null;
  readonly timeouts: Signal | null;
  readonly provenance: Provenance;
}

type Field = Exclude<keyof PoolSignals, 'name' | 'driver' | 'provenance'>;

type Convert = (value: number) => number;

interface Metric {
  /** In the driver's own spelling, behind `prefix`. */
  readonly name: string;
  /** Hits and misses together are the connections asked for. */
  readonly field: Field | 'hits' | 'misses';
  readonly convert?: Convert;
  /** The series of the metric that is meant, where one label tells several apart. */
  readonly only?: Labels;
}

interface Exporter {
  readonly driver: PoolSignals['driver'];
  /** What metrics begin with; its first group, where it has one, names the pool. */
  readonly prefix: RegExp;
  readonly metrics: readonly Metric[];
  /** Labels that tell one pool from another in the order of preference for its name. */
  readonly nameLabels: readonly string[];
  readonly note?: string;
}

const zeroIsUnlimited: Convert = (value) => (value === 0 ? Infinity : value);

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
 * go-gorm/prometheus, IBM/pgxpoolprometheus, exaring/otelpgx, go-redis' redisprometheus and redisotel, and the
 * OpenTelemetry conventions for connection pools.
 */
const exporters: readonly Exporter[] = [
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
      ...counted('timeouts'),
      ...counted('hits'),
      ...counted('misses'),
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
      ...counted('timeouts'),
      { name: 'wait_time_seconds_sum', field: 'acquireMs', convert: seconds },
      { name: 'wait_time_seconds_count', field: 'acquireCount' },
      { name: 'use_time_seconds_sum', field: 'useMs', convert: seconds },
      { name: 'use_time_seconds_count', field: 'useCount' },
    ],
  },
];

/** sql.DBStats under an exporter's names; exporters differ in the unit of its time as well. */
function statsOfSql(convertWait: Convert, names: Readonly<Record<(typeof sqlFields)[number], string>>): Metric[] {
  const convert: Readonly<Partial<Record<Field, Convert>>> = { maxOpen: zeroIsUnlimited, waitMs: convertWait };
  return sqlFields.flatMap((field) => alike([names[field]], field, convert[field]));
}

/** A counter of OpenTelemetry's, with and without the suffix of its exporter for Prometheus. */
function counted(field: 'timeouts' | 'hits' | 'misses'): Metric[] {
  return alike([field, `${field}_total`], field);
}

function alike(names: readonly string[], field: Metric['field'], convert?: Convert): Metric[] {
  return names.map((name) => ({ name, field, ...(convert === undefined ? {} : { convert }) }));
}

/** How OpenTelemetry's exporter for Prometheus spells a metric of unit ns, with and without suffixes for unit and type. */
function nanosecondNames(name: string): string[] {
  return [name, `${name}_total`, `${name}_nanoseconds`, `${name}_nanoseconds_total`];
}

const units: Readonly<Partial<Record<Field, SignalUnit>>> = { waitMs: 'ms', acquireMs: 'ms', useMs: 'ms' };

interface Found {
  readonly exporter: Exporter;
  readonly labels: Labels;
  readonly prefixName: string;
  readonly fields: Map<Metric['field'], Series>;
  readonly metrics: string[];
}

/** All pools of connections that the target's metrics tell of, in the order of their appearance. */
export function poolSignals({ sources }: DecodedScrapes): PoolSignals[] {
  const pools = sources.filter(({ collector }) => collector === 'prometheus').flatMap(poolsOf);
  return pools.map((pool, index) => {
    const before = pools.slice(0, index).filter(({ name }) => name === pool.name).length;
    return before === 0 ? pool : { ...pool, name: `${pool.name} (${before + 1})` };
  });
}

function poolsOf(source: DecodedSource): PoolSignals[] {
  const found = new Map<string, Found>();
  for (const series of source.series) {
    const match = matchOf(series);
    if (match === null) continue;
    const { exporter, metric, prefixName } = match;
    const labels = Object.fromEntries(
      Object.entries(series.labels).filter(([name]) => !Object.hasOwn(metric.only ?? {}, name.replaceAll('.', '_'))),
    );
    const key = JSON.stringify([exporters.indexOf(exporter), prefixName, Object.entries(labels)]);
    const pool: Found = found.get(key) ?? { exporter, labels, prefixName, fields: new Map(), metrics: [] };
    found.set(key, pool);
    pool.metrics.push(series.name);
    if (!pool.fields.has(metric.field))
      pool.fields.set(metric.field, metric.convert === undefined ? series : convertSeries(series, metric.convert));
  }
  return [...found.values()].filter(isPool).map((pool) => signalsOf(pool, source));
}

function matchOf(series: Series): { exporter: Exporter; metric: Metric; prefixName: string } | null {
  const name = series.name.replaceAll('.', '_');
  const labels = Object.fromEntries(
    Object.entries(series.labels).map(([label, value]) => [label.replaceAll('.', '_'), value]),
  );
  for (const exporter of exporters) {
    const prefix = exporter.prefix.exec(name);
    if (prefix === null) continue;
    const rest = name.slice(prefix[0].length);
    const metric = exporter.metrics.find(
      (each) =>
        each.name === rest && Object.entries(each.only ?? {}).every(([label, value]) => labels[label] === value),
    );
    if (metric !== undefined) return { exporter, metric, prefixName: prefix[1] ?? '' };
  }
  return null;
}

/** A pool tells at least how many connections it has, not only times. */
const isPool = ({ fields }: Found): boolean => fields.has('inUse') || fields.has('open') || fields.has('idle');

function signalsOf({ exporter, labels, prefixName, fields, metrics }: Found, source: DecodedSource): PoolSignals {
  const provenance: Provenance = {
    collector: source.collector,
    source: source.source,
    metrics,
    note: exporter.note ?? null,
  };
  const [open, idle] = [fields.get('open'), fields.get('idle')];
  if (!fields.has('inUse') && open !== undefined && idle !== undefined)
    fields.set('inUse', differenceOfSeries(open, idle));
  const asked = sumOfSeries([fields.get('hits'), fields.get('misses')].filter((part) => part !== undefined));
  if (fields.has('hits') && fields.has('misses') && asked !== null) fields.set('acquireCount', asked);
  const signal = (field: Field): Signal | null => {
    const series = fields.get(field);
    return series === undefined ? null : { unit: units[field] ?? 'count', series, provenance };
  };
  const ownName = exporter.nameLabels.flatMap((label) => labels[label] ?? labels[label.replaceAll('_', '.')] ?? []);
  return {
    name: ownName.find((text) => text !== '') ?? (prefixName === '' ? exporter.driver : prefixName),
    driver: exporter.driver,
    maxOpen: signal('maxOpen'),
    open: signal('open'),
    inUse: signal('inUse'),
    idle: signal('idle'),
    waitCount: signal('waitCount'),
    waitMs: signal('waitMs'),
    acquireCount: signal('acquireCount'),
    acquireMs: signal('acquireMs'),
    useCount: signal('useCount'),
    useMs: signal('useMs'),
    maxIdleClosed: signal('maxIdleClosed'),
    maxIdleTimeClosed: signal('maxIdleTimeClosed'),
    maxLifetimeClosed: signal('maxLifetimeClosed'),
    newConnections: signal('newConnections'),
    cancelledAcquires: signal('cancelledAcquires'),
    timeouts: signal('timeouts'),
    provenance,
  };
}
