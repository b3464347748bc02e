import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { Client } from 'pg';
import { z } from 'zod';
import { buildService } from '../fixtures/services/build-service.ts';
import { type Downstream, startDownstream } from '../fixtures/services/downstream-service.ts';
import { type Database, openDatabase } from '../fixtures/services/embedded-postgres.ts';
import { buildGroupBuy, groupBuyTarget } from '../fixtures/services/group-buy-service.ts';
import { kibibytes, milliseconds, nanoseconds, rateOf, seconds } from '../model/units.ts';
import { processStat } from '../runners/target/process-group.ts';

const silent = (): void => {};
let binary: string;
let database: Database;
let downstream: Downstream;

test.before('build and start what the service needs', async (t) => {
  t.timeout(seconds(400), 'a cold build takes a while');
  binary = await buildGroupBuy(silent);
  downstream = await startDownstream({ binary: await buildService('downstream', silent), latency: 'fixed:1ms' });
  database = await openDatabase({ say: silent });
});

test.after.always('stop it', async () => {
  await downstream?.stop();
  await database?.stop();
});

interface Service {
  readonly url: string;
  readonly child: ChildProcess;
  readonly exited: Promise<unknown[]>;
  readonly output: string[];
  readonly errors: () => string;
}

async function start(
  t: ExecutionContext,
  knobs: Readonly<Record<string, string>>,
  withDatabase = true,
): Promise<Service> {
  const target = groupBuyTarget({
    binary,
    database: withDatabase ? { ...database, origin: 'embedded' } : null,
    downstreamUrl: withDatabase ? downstream.url : null,
    knobs,
  });
  const child = spawn(target.launch[0], target.launch.slice(1), {
    env: { ...process.env, ...target.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  t.teardown(async () => {
    child.stdin.end();
    await exited;
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const output: string[] = [];
  const lines = createInterface({ input: child.stdout }).on('line', (line) => output.push(line));
  await Promise.race([once(lines, 'line'), exited]);
  const url = new RegExp(target.listening ?? '').exec(output[0] ?? '')?.[1];
  if (url === undefined) throw new Error(`the service did not start: ${errors}`);
  return { url, child, exited, output, errors: () => errors };
}

async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const response = await fetch(url + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, text: await response.text() };
}

async function repeat(url: string, path: string, times: number, atOnce = 1, body?: unknown): Promise<void> {
  let left = times;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const { status, text } = await send(url, body === undefined ? 'GET' : 'POST', path, body);
      if (status !== 200 && status !== 201) throw new Error(`${path}: ${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Sum over all series of a name whose line holds `label`. */
async function metric(url: string, name: string, label = ''): Promise<number> {
  const { text } = await send(url, 'GET', '/metrics');
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)) && line.includes(label));
  if (lines.length === 0) throw new Error(`no metric ${name}${label}`);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** How much a counter grows in one of `times` requests. */
async function growth(url: string, name: string, path: string, times: number): Promise<number> {
  await repeat(url, path, 50); // connections, caches
  const before = await metric(url, name);
  await repeat(url, path, times);
  return ((await metric(url, name)) - before) / times;
}

async function query<Row extends object>(text: string): Promise<Row[]> {
  const client = new Client(database.url);
  await client.connect();
  try {
    return (await client.query<Row>({ text })).rows;
  } finally {
    await client.end();
  }
}

/** What the service says where it can't start. */
async function failure(environment: Record<string, string>): Promise<{ code: unknown; lines: string[] }> {
  const child = spawn(binary, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code]: unknown[] = await once(child, 'close');
  return { code, lines: errors.trim().split('\n') };
}

/** Transactions that PostgreSQL has finished so far. */
async function transactions(): Promise<number> {
  const [row] = await query<{ n: string }>(
    'select pg_stat_clear_snapshot(), xact_commit as n from pg_stat_database where datname = current_database()',
  );
  return Number(row?.n);
}

const order = z.object({ id: z.number(), quantity: z.number(), amountCents: z.number(), status: z.string() });
const group = z.object({
  members: z.number(),
  remaining: z.number(),
  priceCents: z.number(),
  latestMembers: z.array(z.number()),
});

for (const driver of ['sql', 'pgxpool'])
  test(`every route through PostgreSQL with ${driver}`, async (t) => {
    const { url, errors } = await start(t, { DB_DRIVER: driver, DB_POOL: '4' });
    const ask = async (method: string, path: string, status: number, body?: unknown): Promise<unknown> => {
      const answer = await send(url, method, path, body);
      t.is(answer.status, status, `${method} ${path}: ${answer.text}`);
      return JSON.parse(answer.text);
    };
    // One of its own for each driver: both tests run at once.
    const groupPath = driver === 'sql' ? '/groups/11' : '/groups/12';
    const groupId = Number(groupPath.slice('/groups/'.length));

    t.is(z.array(z.object({ name: z.string() })).parse(await ask('GET', '/menu', 200)).length, 24);
    const before = group.parse(await ask('GET', groupPath, 200));
    const userId = 1_000_000 + before.members;
    t.deepEqual(await ask('POST', `${groupPath}/join`, 200, { userId }), { joined: true });
    t.deepEqual(await ask('POST', `${groupPath}/join`, 200, { userId }), { joined: false });
    const placed = order.parse(await ask('POST', '/orders', 201, { groupId, userId, quantity: 3 }));
    t.like(placed, { quantity: 3, amountCents: 3 * before.priceCents, status: 'placed' });
    t.like(order.parse(await ask('GET', `/orders/${placed.id}`, 200)), placed);
    t.like(await ask('POST', '/callback/pay', 200, { orderId: placed.id }), { id: placed.id, status: 'paid' });
    const after = group.parse(await ask('GET', groupPath, 200));
    t.is(after.members, before.members + 1);
    t.is(after.remaining, before.remaining - 3);
    t.is(after.latestMembers[0], userId);
    t.deepEqual(
      await query(
        `select topic, (payload->>'quantity')::int as quantity from group_buy.outbox where (payload->>'id')::int = ${placed.id}`,
      ),
      [{ topic: 'order-placed', quantity: 3 }],
    );

    await ask('GET', '/groups/101', 404);
    await ask('POST', '/groups/101/join', 404, { userId });
    await ask('POST', '/orders', 404, { groupId: 101, userId });
    await ask('POST', '/orders', 409, { groupId, userId, quantity: 2_000_000_000 });
    await ask('POST', '/orders', 400, { groupId });
    await ask('GET', '/orders/999999999', 404);
    await ask('POST', '/callback/pay', 404, { orderId: 999_999_999 });
    t.is(group.parse(await ask('GET', groupPath, 200)).remaining, after.remaining, 'a refused order takes nothing');

    t.is(await metric(url, 'http_requests_total', 'route="/orders"'), 4);
    t.is(await metric(url, 'http_request_duration_seconds_count', 'route="/groups/{id}"'), 4);
    if (driver === 'sql') t.is(await metric(url, 'go_sql_max_open_connections', 'db_name="group_buy"'), 4);
    else t.is(await metric(url, 'pgxpool_max_conns', 'db_name="group_buy"'), 4);
    t.is(errors(), '');
  });

test('one line on standard output; ends on SIGTERM, on SIGINT and when its standard input closes', async (t) => {
  for (const end of ['SIGTERM', 'SIGINT', null] as const) {
    const service = await start(t, {}, false);
    await repeat(service.url, '/menu', 3);
    if (end === null) service.child.stdin?.end();
    else service.child.kill(end);
    t.deepEqual(await service.exited, [0, null], String(end));
    t.deepEqual(service.output, [`listening on ${service.url}`]);
    t.regex(service.errors(), /no DATABASE_URL: an in-memory store/);
  }
});

test('bad settings, all at once; a database that is not there', async (t) => {
  const bad = await failure({ DB_POOL: 'many', DB_HOLD: '4', DB_DRIVER: 'odbc' });
  t.is(bad.code, 1);
  t.is(bad.lines.length, 3, bad.lines.join('\n'));
  const absent = await failure({ DATABASE_URL: 'postgres://postgres@127.0.0.1:1/postgres' });
  t.is(absent.code, 1);
  t.regex(absent.lines.at(-1) ?? '', /^group-buy: the database of DATABASE_URL: .*connection refused/);
});

test('a second start keeps what is there', async (t) => {
  await start(t, {});
  const [before] = await query<{ orders: string }>('select count(*) as orders from group_buy.orders');
  await start(t, {});
  const [after] = await query<{ orders: string }>('select count(*) as orders from group_buy.orders');
  t.true(Number(before?.orders) >= 1000);
  t.true(Number(after?.orders) >= Number(before?.orders));
});

for (const name of ['group-buy', 'downstream'] as const)
  test(`nothing of ${name} is left when whoever started it is killed`, async (t) => {
    const script = `
      const child = require('node:child_process').spawn(process.argv[1], { stdio: ['pipe', 'inherit', 'inherit'] });
      console.log(child.pid);
      child.on('exit', () => process.exit(1));
    `;
    const program = await buildService(name, silent);
    const parent = spawn(process.execPath, ['-e', script, program], {
      env: { ...process.env, DATABASE_URL: '', EXIT_ON_STDIN_CLOSE: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.teardown(() => parent.kill('SIGKILL'));
    // The two lines come from two processes: in either order.
    let id = 0;
    let listens = false;
    for await (const line of createInterface({ input: parent.stdout })) {
      if (line.startsWith('listening')) listens = true;
      else id = Number(line);
      if (listens && id > 0) break;
    }
    t.true((await processStat(id))?.command.startsWith(name));
    parent.kill('SIGKILL');
    for (;;) {
      const left = await processStat(id);
      if (left === null || left.state === 'Z') break;
      await pause(20);
    }
  });

test('a program is built once, into a cache that only its user may write to', async (t) => {
  t.timeout(seconds(400), 'a cold build takes a while');
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-cache-'));
  t.teardown(() => rm(home, { recursive: true }));
  const said: string[] = [];
  // Go's own cache would be another one, too, and all of its library would be compiled anew.
  const { stdout } = await promisify(execFile)('go', ['env', 'GOCACHE'], { cwd: '/' });
  const environment = { ...process.env, XDG_CACHE_HOME: home, GOCACHE: stdout.trim() };
  const build = (): Promise<string> => buildService('downstream', (line) => said.push(line), { environment });
  const first = await build();
  t.true(first.startsWith(home));
  t.is((await stat(dirname(first))).mode & 0o077, 0);
  t.is(await build(), first);
  t.deepEqual(said, ['building downstream (the first time up to a minute)', 'downstream is built already']);
  t.deepEqual(await readdir(dirname(first)), [basename(first)], 'nothing but the program');
});

test('stages are counted apart, with a bounded label', async (t) => {
  const { url } = await start(t, {}, false);
  for (const stage of ['0', '4', '4', '100', '101', 'x'])
    await fetch(`${url}/menu`, { headers: { 'X-Plimsoll-Stage': stage } });
  t.is(await metric(url, 'http_requests_by_stage_total', 'stage="4"'), 2);
  t.is(await metric(url, 'http_requests_by_stage_total', 'stage="other"'), 2);
  t.is(await metric(url, 'http_requests_by_stage_total', 'code="200"'), 6);
});

// The knobs against what the runtime, the kernel and the database say. One at a time: they share the processors.

test.serial('ALLOC_PER_REQUEST is what each request allocates more', async (t) => {
  const plain = await start(t, {}, false);
  const greedy = await start(t, { ALLOC_PER_REQUEST: '20000' }, false);
  const [without, more] = await Promise.all(
    [plain, greedy].map(({ url }) => growth(url, 'go_gc_heap_allocs_bytes_total', '/menu', 1000)),
  );
  const truth = kibibytes(20); // 20,000 in whole KiB
  const measured = Number(more) - Number(without);
  t.true(Math.abs(measured - truth) < truth * 0.05, `${measured} bytes a request, the knob says ${truth}`);
});

test.serial('CPU_PER_REQUEST is what each request burns more', async (t) => {
  const plain = await start(t, {}, false);
  const slow = await start(t, { CPU_PER_REQUEST: '2ms' }, false);
  const without = await growth(plain.url, 'process_cpu_seconds_total', '/menu', 300);
  const more = await growth(slow.url, 'process_cpu_seconds_total', '/menu', 300);
  const measured = seconds(more - without);
  // Clock rate and neighbours on the same core change under it; a factor of two would be a broken knob.
  t.true(measured > 1 && measured < 4, `${measured} ms a request, the knob says 2`);
});

test.serial('EXTRA_QUERIES is what PostgreSQL sees more', async (t) => {
  const times = 200;
  const used = async (knobs: Record<string, string>): Promise<number> => {
    const service = await start(t, { DB_POOL: '1', ...knobs });
    const before = await transactions();
    await repeat(service.url, '/orders/7', times);
    // A connection that closes hands in its figures.
    service.child.stdin?.end();
    await service.exited;
    await pause(200);
    return (await transactions()) - before;
  };
  const more = (await used({ EXTRA_QUERIES: '5' })) - (await used({ EXTRA_QUERIES: '0' }));
  t.true(Math.abs(more - 5 * times) < 0.05 * 5 * times, `${more / times} more transactions a request, the knob says 5`);
});

test.serial('DB_HOLD and DB_POOL limit the rate to pool over hold time', async (t) => {
  const [hold, pool, times] = [milliseconds(40), 3, 60];
  const { url } = await start(t, { DB_HOLD: `${hold}ms`, DB_POOL: String(pool) });
  const before = performance.now();
  await repeat(url, '/orders/7', times, 12);
  const rate = rateOf(times, milliseconds(performance.now() - before));
  const limit = rateOf(pool, hold);
  t.true(rate <= limit, `${rate}/s where no more than ${limit}/s can be`);
  t.true(rate > limit / 3, `${rate}/s is far from ${limit}/s: does a request hold more than one connection?`);
  t.is(await metric(url, 'go_sql_max_open_connections'), pool);
  t.true((await metric(url, 'go_sql_wait_count_total')) > times / 2);
  // The menu needs no connection.
  const waits = await metric(url, 'go_sql_wait_count_total');
  await repeat(url, '/menu', 50, 12);
  t.is(await metric(url, 'go_sql_wait_count_total'), waits);
});

for (const driver of ['sql', 'pgxpool'])
  test.serial(`DB_DRIVER=${driver}: each acquisition is measured once, its wait and its hold`, async (t) => {
    const knobs = { DB_DRIVER: driver, DB_POOL: '2', DB_HOLD: '5ms', DB_HOLD_DISTRIBUTION: 'exponential' };
    const { url } = await start(t, knobs);
    const count = async (): Promise<number> => {
      const waits = await metric(url, 'db_acquire_wait_seconds_count');
      t.is(await metric(url, 'db_hold_seconds_count'), waits);
      t.is(await metric(url, 'db_planted_hold_seconds_count'), waits);
      return waits;
    };
    let before = await count();
    t.is(before, 1, 'the start reads the menu');
    for (const [method, path, body, status, acquisitions] of [
      ['GET', '/menu', undefined, 200, 0],
      ['GET', '/groups/7', undefined, 200, 1],
      ['GET', '/groups/101', undefined, 404, 1],
      ['GET', '/groups/x', undefined, 400, 0],
      ['POST', '/groups/7/join', { userId: 77 }, 200, 1],
      ['POST', '/groups/101/join', { userId: 77 }, 404, 1],
      ['POST', '/orders', { groupId: 7, userId: 5 }, 201, 1],
      ['POST', '/orders', { groupId: 7, userId: 5, quantity: 2e12 }, 409, 1],
      ['POST', '/orders', { groupId: 7, quantity: -1 }, 400, 0],
      ['GET', '/orders/7', undefined, 200, 1],
      ['POST', '/callback/pay', { orderId: 7 }, 200, 1],
    ] as const) {
      t.is((await send(url, method, path, body)).status, status, path);
      const now = await count();
      t.is(now - before, acquisitions, `${method} ${path}`);
      before = now;
    }
    t.is(await metric(url, 'db_acquire_failed_total'), 0);

    const times = 120;
    const sum = (name: string): Promise<number> => metric(url, `${name}_sum`);
    const [wait, hold, planted] = [
      await sum('db_acquire_wait_seconds'),
      await sum('db_hold_seconds'),
      await sum('db_planted_hold_seconds'),
    ];
    const began = performance.now();
    await repeat(url, '/orders/7', times, 8);
    const lasted = performance.now() - began;
    t.is(await count(), before + times);
    const grown = async (name: string, from: number): Promise<number> => seconds((await sum(name)) - from);
    const [waited, held, drawn] = [
      await grown('db_acquire_wait_seconds', wait),
      await grown('db_hold_seconds', hold),
      await grown('db_planted_hold_seconds', planted),
    ];
    t.true(held >= drawn, `held ${held} ms where ${drawn} were planted`);
    // Two connections can be out no longer than that.
    t.true(held <= 2 * lasted, `held ${held} ms within ${lasted}`);
    t.true(waited > held, `six of eight always wait, but only ${waited} ms, while ${held} were held`);
    t.true(waited <= 8 * lasted);
    if (driver === 'pgxpool') {
      t.is(await metric(url, 'pgxpool_acquire_count'), before + times);
      const counted = nanoseconds(await metric(url, 'pgxpool_acquire_duration_ns'));
      const all = seconds(await sum('db_acquire_wait_seconds'));
      t.true(counted <= all, `the pool itself counted ${counted} ms, around it were ${all}`);
    }
  });

// Faults: each is off, shows in the profile that its description names while it is on, and is gone after it.

const faultList = z.object({
  faults: z.array(
    z.object({
      name: z.string(),
      description: z.string().min(20),
      level: z.number(),
      expected: z.object({ profile: z.string(), function: z.string() }),
    }),
  ),
});

/** Level to try it at, and the requests under which it shows. The others have tests in Go and the benchmark planted-faults. */
const trials: Record<
  string,
  {
    readonly level: number;
    readonly path: string;
    readonly requests: number;
    readonly atOnce?: number;
    readonly body?: object;
  }
> = {
  'goroutine-leak': { level: 1, path: '/menu', requests: 20 },
  'ctx-ignored': { level: 1, path: '/menu', requests: 20 },
  'global-lock': { level: 5, path: '/menu', requests: 60 },
  'busy-poll': { level: 1, path: '/menu', requests: 1 },
  'alloc-storm': { level: 2048, path: '/menu', requests: 40 },
  // As many at once as the pool has connections: none waits before.
  'small-pool': { level: 1, path: '/orders/7', requests: 60, atOnce: 4 },
  'idle-in-transaction': { level: 100, path: '/orders', requests: 20, body: { groupId: 7, userId: 5 } },
  'row-lock': { level: 100, path: '/orders', requests: 12, body: { groupId: 7, userId: 5 } },
  'slow-query': { level: 100, path: '/groups/7', requests: 20 },
};

/** As text; one of CPU as it is, since names are plain in it too. */
async function profile(url: string, kind: string): Promise<string> {
  const path = kind === 'cpu' ? 'profile?seconds=1' : `${kind}?debug=1`;
  const bytes = Buffer.from(await (await fetch(`${url}/debug/pprof/${path}`)).arrayBuffer());
  return (kind === 'cpu' ? gunzipSync(bytes) : bytes).toString('latin1');
}

test.serial('every fault shows where it says, and only while it is on', async (t) => {
  t.timeout(seconds(100));
  const listed = faultList.parse(JSON.parse((await send((await start(t, {}, false)).url, 'GET', '/faults')).text));
  const names = new Set(listed.faults.map(({ name }) => name));
  for (const name of Object.keys(trials)) t.true(names.has(name), name);
  for (const { name, level: initial, expected } of listed.faults) {
    const trial = trials[name];
    if (trial === undefined) continue;
    t.is(initial, 0, name);
    // One service each, since allocs and mutex profiles never forget; with every wait for a mutex in its profile.
    const { url } = await start(t, { DB_POOL: '4', DB_HOLD: '20ms', MUTEX_PROFILE_FRACTION: '1' });
    // While requests are under way, for what is seen in goroutines that wait.
    const seen = async (): Promise<boolean> => {
      const traffic = repeat(url, trial.path, trial.requests, trial.atOnce ?? 10, trial.body);
      if (expected.profile === 'goroutine') await pause(100);
      else await traffic;
      const found = (await profile(url, expected.profile)).includes(
        // All of the name: (*DB).conn is not (*DB).connectionOpener.
        expected.profile === 'cpu' ? expected.function : `\t${expected.function}+0x`,
      );
      await traffic;
      return found;
    };
    // Opening a connection is seen where waiting for one is: they are all open first.
    await repeat(url, trial.path, 20, trial.atOnce ?? 10, trial.body);
    t.false(await seen(), `${name} is seen though it is off`);
    t.is((await send(url, 'POST', `/faults/${name}?level=${trial.level}`)).status, 200, name);
    t.true(await seen(), `${name} is on, but ${expected.function} is not in the ${expected.profile} profile`);
    t.is((await send(url, 'DELETE', `/faults/${name}`)).status, 200, name);
    const state = faultList.parse(JSON.parse((await send(url, 'GET', '/faults')).text));
    t.true(state.faults.every(({ level }) => level === 0));
  }
});

test.serial('a leak stays, the decoy comes back', async (t) => {
  const { url } = await start(t, {}, false);
  const goroutines = async (function_: string): Promise<number> => {
    const text = await profile(url, 'goroutine');
    const stacks = text.split('\n\n').filter((stack) => stack.includes(`faults.${function_}`));
    return stacks.reduce((sum, stack) => sum + Number(/(\d+) @/.exec(stack)?.[1]), 0);
  };
  for (const name of ['goroutine-leak', 'ctx-ignored']) await send(url, 'POST', `/faults/${name}?level=1`);
  await repeat(url, '/menu', 40);
  t.is(await goroutines('sendToNobody'), 40);
  t.is(await goroutines('ignoreContext'), 40);
  for (const name of ['goroutine-leak', 'ctx-ignored']) await send(url, 'POST', `/faults/${name}?level=0`);
  await repeat(url, '/menu', 40);
  while ((await goroutines('ignoreContext')) > 0) await pause(200);
  t.is(await goroutines('sendToNobody'), 40);
});

test.serial('faults do to the service what their level says', async (t) => {
  const { url } = await start(t, { DB_POOL: '4' });
  const set = (name: string, level: number): Promise<unknown> => send(url, 'POST', `/faults/${name}?level=${level}`);

  await set('small-pool', 2);
  t.is(await metric(url, 'go_sql_max_open_connections'), 2);
  await set('small-pool', 0);
  t.is(await metric(url, 'go_sql_max_open_connections'), 4);

  // Enough requests that what reading the metrics allocates is a small part of each.
  const plain = await growth(url, 'go_gc_heap_allocs_bytes_total', '/menu', 1500);
  await set('alloc-storm', 64);
  const stormy = (await growth(url, 'go_gc_heap_allocs_bytes_total', '/menu', 1500)) - plain;
  await set('alloc-storm', 0);
  t.true(Math.abs(stormy - kibibytes(64)) < kibibytes(64) * 0.05, `${stormy} bytes a request`);

  const idleCpu = async (): Promise<number> => {
    const before = await metric(url, 'process_cpu_seconds_total');
    await pause(1000);
    return (await metric(url, 'process_cpu_seconds_total')) - before;
  };
  await set('busy-poll', 1);
  const polling = await idleCpu();
  await set('busy-poll', 0);
  t.true(polling > 4 * (await idleCpu()), 'a poller takes CPU time without any load');

  await set('global-lock', 10);
  const before = performance.now();
  await repeat(url, '/menu', 30, 10);
  t.true(performance.now() - before >= 300, 'thirty requests of 10 ms each, one after another');
});
