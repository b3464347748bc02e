import { readFile } from 'node:fs/promises';
import test from 'ava';
import type { Scrape } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';
import { decodeScrapes } from './decode-scrapes.ts';
import { type PoolSignals, poolSignals } from './pool-signals.ts';
import type { Signal } from './signal.ts';

function poolsIn(page: string, collector: 'prometheus' | 'expvar' = 'prometheus'): PoolSignals[] {
  const scrape: Scrape = {
    collector,
    source: 'target',
    at: epochMilliseconds(1),
    durationMs: milliseconds(0),
    bytes: bytes(0),
    contentType: null,
    body: page,
    error: null,
  };
  return poolSignals(decodeScrapes([scrape]));
}

const valueOf = (signal: Signal): number | undefined => signal.series.values[0];

/** What is known, as plain numbers. */
function figures(pool: PoolSignals | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(pool ?? {}).flatMap(([field, value]) => (isSignal(value) ? [[field, valueOf(value)]] : [])),
  );
}
const isSignal = (value: unknown): value is Signal => typeof value === 'object' && value !== null && 'series' in value;

test('database/sql by client_golang, one pool per database', (t) => {
  const pools = poolsIn(`
go_sql_max_open_connections{db_name="orders"} 10
go_sql_open_connections{db_name="orders"} 9
go_sql_in_use_connections{db_name="orders"} 7
go_sql_idle_connections{db_name="orders"} 2
go_sql_wait_count_total{db_name="orders"} 100
go_sql_wait_duration_seconds_total{db_name="orders"} 2.5
go_sql_max_idle_closed_total{db_name="orders"} 40
go_sql_max_idle_time_closed_total{db_name="orders"} 5
go_sql_max_lifetime_closed_total{db_name="orders"} 6
go_sql_max_open_connections{db_name="audit"} 0
go_sql_in_use_connections{db_name="audit"} 1
`);
  t.deepEqual(
    pools.map(({ name, driver }) => [name, driver]),
    [
      ['orders', 'database/sql'],
      ['audit', 'database/sql'],
    ],
  );
  t.deepEqual(figures(pools[0]), {
    maxOpen: 10,
    open: 9,
    inUse: 7,
    idle: 2,
    waitCount: 100,
    waitMs: 2500,
    maxIdleClosed: 40,
    maxIdleTimeClosed: 5,
    maxLifetimeClosed: 6,
  });
  t.deepEqual(figures(pools[1]), { maxOpen: Infinity, inUse: 1 });
  t.is(pools[0]?.waitMs?.unit, 'ms');
  t.is(pools[0]?.provenance.metrics.length, 9);
});

test('pgxpool by IBM and by OpenTelemetry, whose names differ', (t) => {
  const [ibm] = poolsIn(`
pgxpool_max_conns 8
pgxpool_total_conns 8
pgxpool_acquired_conns 8
pgxpool_idle_conns 0
pgxpool_acquire_count 1000
pgxpool_acquire_duration_ns 3e+09
pgxpool_empty_acquire 900
pgxpool_empty_acquire_wait_time_ns 2.5e+09
pgxpool_canceled_acquire_count 3
pgxpool_new_conns_count 8
`);
  const expected = {
    maxOpen: 8,
    open: 8,
    inUse: 8,
    idle: 0,
    waitCount: 900,
    waitMs: 2500,
    acquireCount: 1000,
    acquireMs: 3000,
    newConnections: 8,
    cancelledAcquires: 3,
  };
  t.deepEqual(figures(ibm), expected);
  t.is(ibm?.name, 'pgxpool');
  const [otel] = poolsIn(`
pgxpool_max_connections{pool_name="orders"} 8
pgxpool_total_connections{pool_name="orders"} 8
pgxpool_acquired_connections{pool_name="orders"} 8
pgxpool_idle_connections{pool_name="orders"} 0
pgxpool_acquires_total{pool_name="orders"} 1000
pgxpool_acquire_duration_nanoseconds_total{pool_name="orders"} 3e+09
pgxpool_empty_acquire_total{pool_name="orders"} 900
pgxpool_empty_acquire_wait_time_nanoseconds_total{pool_name="orders"} 2.5e+09
pgxpool_canceled_acquires_total{pool_name="orders"} 3
pgxpool_new_connections_total{pool_name="orders"} 8
`);
  t.deepEqual(figures(otel), expected);
  t.is(otel?.name, 'orders');
});

test('go-redis: in use is what is not idle, hits and misses are what was asked for', (t) => {
  const [pool] = poolsIn(`
shop_cache_pool_hit_total 90
shop_cache_pool_miss_total 10
shop_cache_pool_timeout_total 1
shop_cache_pool_conn_total_current 20
shop_cache_pool_conn_idle_current 5
shop_cache_pool_conn_stale_total 2
worker_pool_total 3
`);
  t.is(pool?.name, 'shop_cache');
  t.deepEqual(figures(pool), { open: 20, inUse: 15, idle: 5, acquireCount: 100, timeouts: 1 });
});

test('OpenTelemetry: states are a label, also with dots in names', (t) => {
  const [redis] = poolsIn(`
db_client_connections_max{pool_name="cache"} 20
db_client_connections_usage{pool_name="cache",state="used"} 15
db_client_connections_usage{pool_name="cache",state="idle"} 5
db_client_connections_waits_total{pool_name="cache"} 7
db_client_connections_waits_duration_nanoseconds{pool_name="cache"} 3e6
`);
  t.deepEqual(figures(redis), { maxOpen: 20, inUse: 15, idle: 5, waitCount: 7, waitMs: 3 });
  const dotted = poolsIn(`
{"db.client.connection.max","db.client.connection.pool.name"="orders"} 20
{"db.client.connection.count","db.client.connection.pool.name"="orders","db.client.connection.state"="used"} 15
{"db.client.connection.count","db.client.connection.pool.name"="orders","db.client.connection.state"="idle"} 5
`);
  t.deepEqual(
    dotted.map(({ name }) => name),
    ['orders'],
  );
  t.deepEqual(figures(dotted[0]), { maxOpen: 20, inUse: 15, idle: 5 });
});

test('sqlstats and gorm', (t) => {
  const pools = poolsIn(`
go_sql_stats_connections_max_open{db_name="a"} 4
go_sql_stats_connections_in_use{db_name="a"} 3
go_sql_stats_connections_blocked_seconds{db_name="a"} 1.5
gorm_dbstats_max_open_connections{db_name="b"} 5
gorm_dbstats_in_use{db_name="b"} 2
gorm_dbstats_wait_duration{db_name="b"} 4e6
`);
  t.deepEqual(pools.map(figures), [
    { maxOpen: 4, inUse: 3, waitMs: 1500 },
    { maxOpen: 5, inUse: 2, waitMs: 4 },
  ]);
});

test('OpenTelemetry: histograms of waiting, using and opening, in seconds and in milliseconds', (t) => {
  const [pool] = poolsIn(`
db_client_connection_max{db_client_connection_pool_name="orders"} 20
db_client_connection_idle_max{db_client_connection_pool_name="orders"} 4
db_client_connection_count{db_client_connection_pool_name="orders",db_client_connection_state="used"} 15
db_client_connection_pending_requests{db_client_connection_pool_name="orders"} 3
db_client_connection_wait_time_seconds_bucket{db_client_connection_pool_name="orders",le="0.005"} 90
db_client_connection_wait_time_seconds_bucket{db_client_connection_pool_name="orders",le="+Inf"} 100
db_client_connection_wait_time_seconds_sum{db_client_connection_pool_name="orders"} 0.5
db_client_connection_wait_time_seconds_count{db_client_connection_pool_name="orders"} 100
db_client_connection_use_time_seconds_bucket{db_client_connection_pool_name="orders",le="0.01"} 30
db_client_connection_use_time_seconds_bucket{db_client_connection_pool_name="orders",le="+Inf"} 100
db_client_connection_use_time_seconds_sum{db_client_connection_pool_name="orders"} 2
db_client_connection_use_time_seconds_count{db_client_connection_pool_name="orders"} 100
db_client_connection_create_time_seconds_sum{db_client_connection_pool_name="orders"} 0.06
db_client_connection_create_time_seconds_count{db_client_connection_pool_name="orders"} 20
`);
  t.deepEqual(figures(pool), {
    maxOpen: 20,
    maxIdle: 4,
    inUse: 15,
    pending: 3,
    acquireCount: 100,
    acquireMs: 500,
    useCount: 100,
    useMs: 2000,
    newConnections: 20,
    dialMs: 60,
  });
  t.deepEqual(
    pool?.waitHistogram?.buckets.map(({ upperBound, series }) => [upperBound, series.values[0]]),
    [
      [5, 90],
      [Infinity, 100],
    ],
  );
  t.deepEqual(
    pool?.holdHistogram?.buckets.map(({ upperBound, series }) => [upperBound, series.values[0]]),
    [
      [10, 30],
      [Infinity, 100],
    ],
  );
  t.is(pool?.holdHistogram?.sum?.values[0], 2000);
  const [older] = poolsIn(`
db_client_connections_usage{pool_name="cache",state="used"} 15
db_client_connections_use_time_milliseconds_sum{pool_name="cache"} 40
db_client_connections_use_time_milliseconds_count{pool_name="cache"} 20
`);
  t.deepEqual(figures(older), { inUse: 15, useMs: 40, useCount: 20 });
});

const capture = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/captures/${name}`, import.meta.url), 'utf8');

test('one pool of database/sql as XSAM/otelsql and as expvar show it: captures of the same instant', async (t) => {
  const common = {
    maxOpen: 3,
    inUse: 1,
    idle: 0,
    waitCount: 150,
    waitMs: 1309.254146,
    maxIdleClosed: 2,
    maxIdleTimeClosed: 0,
    maxLifetimeClosed: 0,
  };
  const [otel, ...others] = poolsIn(await capture('metrics-otelsql.txt'));
  t.deepEqual(others, []);
  t.deepEqual([otel?.name, otel?.driver], ['orders', 'database/sql']);
  t.deepEqual(figures(otel), common);
  const [expvar] = poolsIn(await capture('expvar-sql-stats.json'), 'expvar');
  t.deepEqual([expvar?.name, expvar?.driver], ['orders', 'database/sql']);
  t.deepEqual(figures(expvar), { ...common, open: 1 });
});

test('connections of an HTTP client: one pool per server', (t) => {
  const clients = poolsIn(`
http_client_open_connections{http_connection_state="active",server_address="pay.example",server_port="443"} 9
http_client_open_connections{http_connection_state="idle",server_address="pay.example",server_port="443"} 1
http_client_open_connections{http_connection_state="active",server_address="mail.example",server_port="443"} 4
`);
  t.deepEqual(
    clients.map((pool) => [pool.name, pool.driver, figures(pool)]),
    [
      ['pay.example', 'http.Transport', { inUse: 9, idle: 1 }],
      ['mail.example', 'http.Transport', { inUse: 4 }],
    ],
  );
});

test('expvar: the struct of go-redis, and pgxpool by its methods, under the path they were published at', (t) => {
  const pools = poolsIn(
    JSON.stringify({
      pools: {
        // json.Marshal of a redis.PoolStats.
        cache: {
          Hits: 90,
          Misses: 10,
          Timeouts: 1,
          WaitCount: 4,
          Unusable: 0,
          WaitDurationNs: 8_000_000,
          TotalConns: 20,
          IdleConns: 5,
          StaleConns: 0,
          PendingRequests: 2,
        },
        audit: {
          MaxConns: 8,
          TotalConns: 8,
          AcquiredConns: 6,
          IdleConns: 2,
          AcquireCount: 50,
          AcquireDuration: 1_000_000,
        },
      },
      workers: { Idle: 3, InUse: 5 },
    }),
    'expvar',
  );
  t.deepEqual(
    pools.map((pool) => [pool.name, pool.driver, figures(pool)]),
    [
      [
        'pools.cache',
        'go-redis',
        { open: 20, inUse: 15, idle: 5, pending: 2, waitCount: 4, waitMs: 8, acquireCount: 100, timeouts: 1 },
      ],
      ['pools.audit', 'pgxpool', { maxOpen: 8, open: 8, inUse: 6, idle: 2, acquireCount: 50, acquireMs: 1 }],
    ],
  );
});

test('what a program measures around its pool goes with the pool of that name, and replaces nothing', (t) => {
  const around = `
db_acquire_wait_seconds_bucket{db_name="orders",le="0.005"} 90
db_acquire_wait_seconds_bucket{db_name="orders",le="+Inf"} 100
db_acquire_wait_seconds_sum{db_name="orders"} 0.5
db_acquire_wait_seconds_count{db_name="orders"} 100
db_hold_seconds_bucket{db_name="orders",le="0.02"} 80
db_hold_seconds_bucket{db_name="orders",le="+Inf"} 99
db_hold_seconds_sum{db_name="orders"} 1.5
db_hold_seconds_count{db_name="orders"} 99
`;
  const [orders, audit] = poolsIn(
    `go_sql_in_use_connections{db_name="orders"} 7\ngo_sql_in_use_connections{db_name="audit"} 1${around}`,
  );
  t.deepEqual(figures(orders), { inUse: 7, acquireCount: 100, acquireMs: 500, useCount: 99, useMs: 1500 });
  t.is(orders?.waitHistogram?.buckets[0]?.upperBound, 5);
  t.is(orders?.holdHistogram?.buckets[0]?.upperBound, 20);
  t.deepEqual(figures(audit), { inUse: 1 });
  t.is(audit?.waitHistogram, null);
  const [pgx] = poolsIn(
    `pgxpool_acquired_conns{db_name="orders"} 7\npgxpool_acquire_count{db_name="orders"} 3${around}`,
  );
  t.is(figures(pgx)['acquireCount'], 3);
});

test('names are unique, and what only sounds like a pool is none', (t) => {
  const pools = poolsIn(
    'go_sql_open_connections{db_name="a",shard="1"} 1\ngo_sql_open_connections{db_name="a",shard="2"} 1\n',
  );
  t.deepEqual(
    pools.map(({ name }) => name),
    ['a', 'a (2)'],
  );
  t.deepEqual(
    poolsIn('thread_pool_hit_total 3\nmemory_pool_conn 1\nop_sql_open_connections 3\ngo_sql_wait_count_total 1\n'),
    [],
  );
});
