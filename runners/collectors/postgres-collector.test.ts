import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { Client } from 'pg';
import { z } from 'zod';
import { decodeScrapes } from '../../analysis/metrics/decode-scrapes.ts';
import { type PostgresSignals, postgresSignals } from '../../analysis/metrics/postgres-signals.ts';
import type { Signal } from '../../analysis/metrics/signal.ts';
import { type Database, openDatabase } from '../../fixtures/services/embedded-postgres.ts';
import type { CollectorSummary, Scrape } from '../../model/measurements.ts';
import { milliseconds, ratio, seconds } from '../../model/units.ts';
import { realWorld } from '../world.ts';
import type { CollectorContext } from './port.ts';
import { probePostgres } from './probe-postgres.ts';
import { postgresCollector } from './postgres-collector.ts';
import { connectPostgres } from './postgres-connection.ts';

let database: Database;
test.before('start PostgreSQL', async (t) => {
  t.timeout(seconds(60));
  database = await openDatabase({ say: () => {}, environment: { ...process.env, DATABASE_URL: '' } });
  const admin = await client(t, database.url, false);
  await admin.query(
    'create table stock (id int primary key, remaining int); insert into stock values (1, 10), (2, 10)',
  );
  await admin.query("create role reader login password 'reader-secret'");
  await admin.query('create database bare');
  await admin.end();
});
test.after.always(() => database?.stop());

async function client(t: Pick<ExecutionContext, 'teardown'>, url: string, ends = true): Promise<Client> {
  const made = new Client(url);
  made.on('error', () => {});
  await made.connect();
  if (ends) t.teardown(() => made.end());
  return made;
}

/** The same server as somebody else, or another database of it. */
function urlOf(more: { readonly user?: string; readonly password?: string; readonly name?: string }): string {
  const url = new URL(database.url);
  url.username = more.user ?? url.username;
  url.password = more.password ?? url.password;
  url.pathname = more.name ?? url.pathname;
  return url.href;
}

interface Watched {
  readonly scrapes: readonly Scrape[];
  readonly summary: CollectorSummary;
  readonly signals: PostgresSignals | null;
}

/** Watches while `work` is done, with at least one reading before and one after it. `look` waits for readings. */
async function watch(url: string, work: (look: () => Promise<void>) => Promise<unknown>): Promise<Watched> {
  const world = realWorld({ say: () => {}, interrupted: new AbortController().signal });
  const scrapes: Scrape[] = [];
  const context: CollectorContext = {
    world: { ...world, environment: {} },
    processId: null,
    address: null,
    generatorProcessId: null,
    record: (scrape) => void scrapes.push(scrape),
  };
  const plan = { url: 'env:DATABASE_URL', intervalMs: milliseconds(50) };
  const collector = postgresCollector(plan, { DATABASE_URL: url }, ratio(1));
  await collector.check(context);
  collector.start(context, world.now());
  while (scrapes.length === 0) await pause(10);
  // The first may have begun before.
  const look = async (): Promise<void> => {
    const before = scrapes.length;
    while (scrapes.length < before + 2) await pause(10);
  };
  await work(look);
  await look();
  const summary = await collector.stop();
  return { scrapes, summary, signals: postgresSignals(decodeScrapes(scrapes)) };
}

const last = (signal: Signal | null | undefined): number | undefined => signal?.series.values.at(-1);
const most = (signal: Signal | null | undefined): number => Math.max(...(signal?.series.values ?? []));

test.serial('sessions by what they do, and who waits for a lock', async (t) => {
  const [holder, waiter, idler, sleeper] = await Promise.all(Array.from({ length: 4 }, () => client(t, database.url)));
  const { signals, summary, scrapes } = await watch(database.url, async (look) => {
    await holder?.query('begin; update stock set remaining = 9 where id = 1');
    const waiting = waiter?.query('update stock set remaining = remaining - $1 where id = $2', [1, 1]);
    const sleeping = sleeper?.query('select pg_sleep(60)').catch(() => null);
    const wanted = "select 1 from pg_stat_activity where wait_event_type = 'Lock' or wait_event = 'PgSleep'";
    while ((await idler?.query(wanted))?.rows.length !== 2) await pause(20);
    await look();
    await idler?.query("select pg_cancel_backend(pid) from pg_stat_activity where query = 'select pg_sleep(60)'");
    await sleeping;
    await holder?.query('rollback');
    await waiting;
  });
  t.is(most(signals?.idleInTransaction), 1);
  t.is(most(signals?.lockWaits), 1);
  t.true(most(signals?.active) >= 2, 'one waits, one sleeps');
  t.is(most(signals?.here), 4, 'the collector leaves itself out');
  t.is(most(signals?.hidden), 0);
  t.is(last(signals?.maxConnections), 100);
  t.is(last(signals?.reservedConnections), 3);
  t.true(most(signals?.longestTransactionMs) > 0);
  t.true(most(signals?.longestIdleInTransactionMs) > 0);
  const waited = most(signals?.longestLockWaitMs);
  t.true(waited > 0);
  t.is(last(signals?.lockWaits), 0);
  const blocked = signals?.statements.find(({ waiting }) => waiting !== null);
  t.is(blocked?.text, 'update stock set remaining = remaining - $1 where id = $2');
  t.true(Number(last(blocked?.totalMs)) >= waited, 'the time of a statement has its wait in it');
  t.is(summary.status.status, 'captured');
  t.true(summary.totalMs > 0 && summary.totalBytes > 0);
  for (const { source, error } of scrapes) {
    t.is(error, null);
    t.is(source, 'PostgreSQL of env:DATABASE_URL');
  }
});

test.serial('statements: what they grew by, exactly, without our own and without secrets', async (t) => {
  const shop = await client(t, database.url);
  await shop.query('select remaining from stock where id = $1', [1]);
  const { signals, scrapes } = await watch(database.url, async () => {
    for (let times = 0; times < 7; times++) await shop.query('select remaining from stock where id = $1', [2]);
    await shop.query("create role somebody login password 'hunter2-hunter2'");
  });
  const asked = signals?.statements.find(({ text }) => text?.startsWith('select remaining') === true);
  t.is(asked?.text, 'select remaining from stock where id = $1');
  t.is(last(asked?.calls), 7, 'the call before is not of this run');
  t.is(asked?.calls?.series.values[0], 0);
  t.is(last(asked?.rows), 7);
  t.true(Number(last(asked?.totalMs)) > 0);
  t.true(signals?.statements.some(({ text }) => text === 'create role somebody login password $?'));
  const recorded = JSON.stringify(scrapes);
  t.notRegex(recorded, /hunter2/);
  t.deepEqual(
    signals?.statements.filter(({ text }) => text === null || /json_|statement_timeout|set_config/.test(text)),
    [],
    'our own questions are left out',
  );
  t.false(recorded.includes(new URL(database.url).password));
});

test.serial('a role without rights sees its own, and says how many are hidden', async (t) => {
  const shop = await client(t, database.url);
  await shop.query('begin; select 1');
  const { signals, scrapes } = await watch(urlOf({ user: 'reader', password: 'reader-secret' }), () => pause(200));
  t.is(signals?.facts.seesAll, false);
  t.is(last(signals?.hidden), 1);
  t.is(last(signals?.here), 1);
  t.is(last(signals?.idleInTransaction), 0);
  t.true(scrapes.every(({ error }) => error === null));
});

test.serial('a database without the extension: its sessions all the same', async (t) => {
  const { signals } = await watch(urlOf({ name: '/bare' }), () => pause(100));
  t.is(signals?.facts.statementsMissing, 'pg_stat_statements is not installed in this database');
  t.is(last(signals?.here), 0);
});

test.serial('a connection that is cut is opened again', async (t) => {
  const shop = await client(t, database.url);
  const { scrapes, summary } = await watch(database.url, async () => {
    const { rows } = await shop.query<{ ended: boolean }>(
      "select pg_terminate_backend(pid) as ended from pg_stat_activity where application_name = 'plimsoll'",
    );
    t.deepEqual(rows, [{ ended: true }]);
    await pause(200);
  });
  t.is(scrapes.at(-1)?.error, null);
  t.is(summary.status.status, 'captured');
  // The server needs a moment to notice that we have gone; where we have not, the test's own time runs out.
  const ours = "select 1 from pg_stat_activity where application_name = 'plimsoll'";
  while ((await shop.query(ours)).rows.length > 0) await pause(20);
});

test.serial('a question is bounded in time, writes nothing and leaves nothing behind', async (t) => {
  const connection = await connectPostgres(database.url, seconds(5));
  t.teardown(() => connection.close());
  await t.throwsAsync(connection.ask('select pg_sleep(30)::text as answer', z.unknown()), {
    message: /statement timeout/,
  });
  await t.throwsAsync(connection.ask('delete from stock returning id::text as answer', z.unknown()), {
    message: /read-only/,
  });
  const timeout = (): Promise<string> =>
    connection.ask("select to_json(current_setting('statement_timeout'))::text as answer", z.string());
  t.is(await timeout(), '1s');
  t.false(connection.broken);
});

/** Why a check fails. */
async function reasonOf(url: string): Promise<string> {
  const world = realWorld({ say: () => {}, interrupted: new AbortController().signal });
  const collector = postgresCollector(
    { url: 'env:DATABASE_URL', intervalMs: seconds(1) },
    url === '' ? {} : { DATABASE_URL: url },
  );
  const reason = await collector.check({
    world: { ...world, environment: {} },
    processId: null,
    address: null,
    generatorProcessId: null,
    record: () => {},
  });
  await collector.stop();
  return reason ?? 'none';
}

test('what cannot be reached says why, without what is secret', async (t) => {
  t.is(await reasonOf(''), 'DATABASE_URL is not set');
  const wrong = await reasonOf(urlOf({ user: 'reader', password: 'not-the-password' }));
  t.regex(wrong, /password authentication failed/);
  t.notRegex(wrong, /reader|not-the-password/);
  t.regex(await reasonOf(urlOf({ name: '/nowhere' })), /does not exist/);
  t.regex(await reasonOf('postgres://a:b-secret-b@127.0.0.1:1/x'), /ECONNREFUSED/);
  t.notRegex(await reasonOf('not a URL at all, b-secret-b'), /b-secret-b/);

  const silent = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => void silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  t.regex(await reasonOf(`postgres://a:b-secret-b@127.0.0.1:${port}/x`), /timeout|terminated/);
});

const ask = (url: string): ReturnType<typeof probePostgres> =>
  probePostgres('env:DATABASE_URL', {}, { DATABASE_URL: url });

test('asked once beforehand: what a role may see, what is missing, and why nothing answers', async (t) => {
  const all = await ask(database.url);
  if (all.status !== 'captured') throw new Error(all.reason);
  t.like(all.value, { maxConnections: 100, reservedConnections: 3, seesAllSessions: true });
  t.is(all.value.statements.status, 'captured');
  const little = await ask(urlOf({ user: 'reader', password: 'reader-secret', name: 'bare' }));
  if (little.status !== 'captured') throw new Error(little.reason);
  t.false(little.value.seesAllSessions);
  t.like(little.value.statements, { reason: 'pg_stat_statements is not installed in this database' });
  const refused = await ask(urlOf({ user: 'reader', password: 'wrong-secret' }));
  t.is(refused.status, 'failed');
  t.notRegex(JSON.stringify(refused), /wrong-secret|reader/);
  t.like(await ask(''), { status: 'failed', reason: 'DATABASE_URL is not set' });
});
