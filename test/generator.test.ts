import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { ArrivalLog, buildArrivalLog } from '../fixtures/arrival-log.ts';
import { endpoint, generatorJob, holds } from '../fixtures/generator-job.ts';
import { type GeneratorBooks, GeneratorProcess, booksOf } from '../fixtures/generator-process.ts';
import { LatencyHistogram } from '../model/latency-histogram.ts';
import type { OpenLoadProfile } from '../model/load-profile.ts';
import type { Traffic } from '../model/traffic.ts';
import { milliseconds, seconds } from '../model/units.ts';
import { dueTimes } from '../scenarios/load-schedule.ts';

let build: { binary: string; remove: () => Promise<void> };
const targets: ArrivalLog[] = [];

test.before(async () => {
  build = await buildArrivalLog();
});
test.after.always(async () => {
  for (const target of targets) await target.stop();
  await build.remove();
});

async function startTarget(wishes: { port?: number; arguments?: readonly string[] } = {}): Promise<ArrivalLog> {
  const target = await ArrivalLog.start({ binary: build.binary, ...wishes });
  targets.push(target);
  return target;
}

const ended = ({ outcomes }: GeneratorBooks): number => Object.values(outcomes).reduce((sum, count) => sum + count, 0);

test('every request ends exactly once, in its stage, and the target saw every one', async (t) => {
  const target = await startTarget();
  const job = generatorJob({ url: target.url, loadProfile: holds('even', [300, 1], [700, 1], [100, 1]) });
  const books = await new GeneratorProcess(job).run();
  t.is(books.due, 1100);
  t.deepEqual(books.outcomes, { done: 1100, failed: 0, shed: 0, dropped: 0, 'in-flight': 0 });
  t.is(books.sent, 1100);
  t.deepEqual(
    [...books.byStage.values()],
    [300, 700, 100].map((count) => ({ due: count, sent: count, ended: count })),
  );
  const log = await target.log();
  t.deepEqual(
    [0, 1, 2].map((stage) => log.filter((each) => each.stage === stage).length),
    [300, 700, 100],
  );
  // One line a second, and each second's counts are those of its due times.
  t.deepEqual(
    books.seconds.slice(0, 3).map((line) => line.second),
    [0, 1, 2],
  );
  t.is(books.responseTime.count, 1100);
  t.is(books.lateness.count, 1100);
});

const everyFault: Traffic = {
  kind: 'endpoints',
  rows: [],
  endpoints: [
    ...[
      endpoint({ path: '/instant' }),
      endpoint({ path: '/status?code=429' }),
      endpoint({ path: '/status?code=503', expect: { statuses: [503], body: null } }),
      endpoint({ path: '/status?code=500' }),
      endpoint({ path: '/instant?body', expect: { statuses: [], body: 'never' } }),
      endpoint({ path: '/reset' }),
      endpoint({ path: '/nothing' }),
      endpoint({ path: '/truncated' }),
      endpoint({ path: '/malformed' }),
      endpoint({ path: '/bad-chunk' }),
    ].map((each) => ({ ...each, weight: 5 })),
    // Few enough that they leave connections to the others for as long as a slow machine needs to answer those in time.
    endpoint({ path: '/hang' }),
  ],
};

test('the books balance under every kind of failure, and each is called by its name', async (t) => {
  const target = await startTarget();
  const job = generatorJob({
    url: target.url,
    loadProfile: holds('poisson', [400, 3]),
    traffic: everyFault,
    connections: { requestTimeoutMs: seconds(5), count: 60 },
  });
  const books = await new GeneratorProcess(job).run();
  t.is(ended(books), books.due);
  t.is(books.outcomes.dropped, 0);
  const log = await target.log();
  t.is(log.length, books.sent);
  const byEndpoint = new Map<string, Set<string>>();
  for (const { cells } of books.seconds)
    for (const { endpoint: name, outcome, failure } of cells)
      byEndpoint.set(name, (byEndpoint.get(name) ?? new Set()).add(failure ?? outcome));
  const statuses = books.seconds.flatMap(({ cells }) => cells.flatMap((cell) => (cell.statuses ? [cell] : [])));
  t.deepEqual([...new Set(statuses.flatMap((cell) => Object.keys(cell.statuses ?? {})))].toSorted(), ['429', '500']);
  for (const cell of statuses) t.deepEqual(Object.values(cell.statuses ?? {}), [cell.count], cell.endpoint);
  const seen = Object.fromEntries([...byEndpoint].map(([name, kinds]) => [name, [...kinds].toSorted()]));
  t.deepEqual(seen, {
    '/instant': ['done'],
    '/status?code=429': ['shed'],
    '/status?code=503': ['done'],
    '/status?code=500': ['unexpected-status'],
    '/instant?body': ['unexpected-body'],
    '/reset': ['connection-reset'],
    '/nothing': ['connection-closed'],
    '/truncated': ['truncated-body'],
    '/malformed': ['malformed-response'],
    '/bad-chunk': ['malformed-response'],
    '/hang': ['timeout'],
  });
});

test('a target that crashes and comes back loses no request from the books', async (t) => {
  const first = await startTarget();
  const job = generatorJob({
    url: first.url,
    path: '/sleep?ms=5',
    loadProfile: holds('even', [100, 9]),
    connections: { queueLimit: 200 },
  });
  const generator = new GeneratorProcess(job);
  await generator.line('ready');
  generator.send({ kind: 'start' });
  await generator.until('none done', ({ outcomes }) => outcomes.done > 50);
  await first.stop();
  await generator.until('not refused', ({ failures }) => (failures['connection-refused'] ?? 0) > 300);
  const second = await startTarget({ port: first.port });
  await generator.line('finished');
  const books = booksOf(generator.lines);
  t.is(books.due, 900);
  t.is(ended(books), 900);
  // Refused while it was away, not kept until the queue overflows: nothing waited, nothing was dropped.
  t.is(books.outcomes.dropped, 0);
  t.is(books.outcomes['in-flight'], 0);
  // It came back: the rest was answered by the second one.
  t.true((await second.log()).length > 50);
});

test('what waits while the target refuses connections is refused at once, not when its time is over', async (t) => {
  const target = await startTarget();
  const job = generatorJob({
    url: target.url,
    loadProfile: holds('even', [300, 60]),
  });
  const generator = new GeneratorProcess(job);
  await generator.line('ready');
  generator.send({ kind: 'start' });
  await generator.line('second');
  await target.stop();
  const before = booksOf(generator.lines);
  await generator.until('it ended', ({ seconds: lines }) => lines.length >= before.seconds.length + 5);
  const away = booksOf(generator.lines);
  // All that fell due since, but for that of two seconds and of those in which the machine held the generator up.
  const patience = 2 + Math.ceil(away.stallMaxMs / seconds(1));
  const kept = away.due - ended(away);
  t.true(kept < 300 * patience, `${kept} wait, stalls of up to ${away.stallMaxMs} ms`);
  generator.send({ kind: 'stop', reason: 'test' });
  await generator.line('finished');
  const books = booksOf(generator.lines);
  t.true((books.failures['connection-refused'] ?? 0) > 600, JSON.stringify(books.failures));
  t.is(ended(books), books.due);
  t.is(books.outcomes['in-flight'], 0);
});

test('a stop right after the target is gone does not hide that the last requests were refused', async (t) => {
  const target = await startTarget();
  // Of those due while it is away, as many as there are connections may be sent before their end is seen.
  const job = generatorJob({ url: target.url, loadProfile: holds('even', [500, 60]), connections: { count: 5 } });
  const generator = new GeneratorProcess(job);
  await generator.line('ready');
  generator.send({ kind: 'start' });
  await generator.line('second');
  await target.stop();
  await sleep(100);
  generator.send({ kind: 'stop', reason: 'test' });
  await generator.line('finished');
  const books = booksOf(generator.lines);
  t.is(ended(books), books.due);
  t.true((books.failures['connection-refused'] ?? 0) > 10, JSON.stringify(books.failures));
  t.is(books.outcomes['in-flight'], 0);
});

test('each connection is used once before any is twice, so a server that closes unused ones closes none', async (t) => {
  const target = await startTarget({ arguments: ['-close-unused', '3s'] });
  const job = generatorJob({ url: target.url, loadProfile: holds('even', [100, 5]), connections: { count: 60 } });
  const books = await new GeneratorProcess(job).run();
  t.is(ended(books), 500);
  t.is(books.seconds.find(({ second }) => second === 4)?.health.connectionsOpen, 60);
});

test('connections that the server closes idle stay closed until a request wants one, and none waits for it', async (t) => {
  const target = await startTarget({ arguments: ['-close-unused', '1s', '-close-idle', '1s'] });
  // Two at a time, then forty.
  const job = generatorJob({
    url: target.url,
    path: '/sleep?ms=400',
    loadProfile: holds('even', [5, 4], [100, 2]),
    // As many as there are requests in the end: a slow machine does not run out of them.
    connections: { count: 200 },
  });
  const books = await new GeneratorProcess(job).run();
  t.is(ended(books), 220);
  // One or two may be on their way when the server closes.
  t.true(books.outcomes.done > 210, JSON.stringify(books.failures));
  const calm = books.seconds.filter(({ health }) => health.stage === 0).map(({ health }) => health);
  t.true(Math.min(...calm.map(({ connectionsOpen }) => connectionsOpen)) < 20, 'those not needed are gone');
  t.true((calm.at(-1)?.connectsTotal ?? 0) - (calm[0]?.connectsTotal ?? 0) < 30, 'and not replaced for nothing');
  t.true(Math.max(...books.seconds.map(({ health }) => health.inFlightMax)) >= 35, 'the load was not held up');
  t.true(books.connectionWait.count < 5, 'to connect is a part of the request');
});

test('a target that accepts no request in time: timeouts, dropped and what is in flight at the end add up', async (t) => {
  const target = await startTarget();
  const job = generatorJob({
    url: target.url,
    path: '/hang',
    loadProfile: holds('even', [100, 4]),
    // They end once, 2.5 s after they were sent, and a slow machine's second after it is still within the load.
    connections: { count: 10, requestTimeoutMs: seconds(2.5), queueLimit: 50 },
    graceMs: 200,
  });
  const books = await new GeneratorProcess(job).run();
  t.is(books.due, 400);
  t.is(ended(books), 400);
  t.true(books.outcomes.dropped > 200);
  t.is(books.outcomes.failed, books.failures.timeout ?? 0);
  t.is(books.outcomes.failed, 10);
  t.is(books.outcomes['in-flight'], 60);
});

test('answers of all shapes are read right', async (t) => {
  const target = await startTarget();
  const paths = [
    '/chunked',
    '/early',
    '/close',
    '/no-length',
    '/not-modified',
    '/status?code=204',
    '/large?bytes=3000000',
  ];
  const endpoints = [
    ...paths.map((path) => endpoint({ path })),
    endpoint({ path: '/large?bytes=500000', name: 'HEAD', method: 'HEAD' }),
    endpoint({
      path: '/echo?q=ü',
      name: 'echo',
      method: 'POST',
      headers: { 'X-Test': 'env:GENERATOR_TEST' },
      body: 'Grüße {{who}}',
      expect: {
        statuses: [200],
        body: '^POST /echo\\?q=%C3%BC length=12 header=s3cret run=test-run\nGrüße 🐢$',
      },
    }),
  ];
  const job = generatorJob({
    url: target.url,
    traffic: { kind: 'endpoints', endpoints, rows: [{ who: '🐢' }] },
    loadProfile: holds('even', [200, 2]),
  });
  const generator = new GeneratorProcess(job, { environment: { GENERATOR_TEST: 's3cret' } });
  const books = await generator.run();
  t.deepEqual(books.failures, {});
  t.is(books.outcomes.done, 400);
  t.is((await target.log()).length, 400);
});

test('the time a request takes is counted from its due time, also while it waits for a connection', async (t) => {
  const target = await startTarget();
  // One connection, 20 ms each, asked for 100/s: half of them are answered in time, the queue grows by 50 a second.
  const job = generatorJob({
    url: target.url,
    path: '/sleep?ms=20',
    loadProfile: holds('even', [100, 2]),
    connections: { count: 1 },
  });
  const books = await new GeneratorProcess(job).run();
  t.is(books.outcomes.done, 200);
  const [median, slowest] = [books.responseTime.quantile(0.5) ?? 0, books.responseTime.max() ?? 0];
  t.true(median > 900 && slowest > 1900, `median ${median}, slowest ${slowest}`);
  t.true((books.serviceTime.quantile(0.5) ?? 0) < median / 5);
  t.true(books.connectionWait.count > 190);
  t.true(books.seconds.some(({ health }) => health.queueLengthMax > 50));
});

test('without keep-alive every request has a connection of its own, and a refused one fails', async (t) => {
  const target = await startTarget();
  const job = generatorJob({
    url: target.url,
    loadProfile: holds('even', [200, 4]),
    connections: { keepAlive: false, count: 20 },
  });
  const generator = new GeneratorProcess(job);
  await generator.line('ready');
  generator.send({ kind: 'start' });
  await generator.until('none done', ({ outcomes }) => outcomes.done > 100);
  await target.stop();
  await generator.line('finished');
  const books = booksOf(generator.lines);
  t.is(books.due, 800);
  t.is(ended(books), 800);
  t.true((books.failures['connection-refused'] ?? 0) > 50);
  const connects = Math.max(...books.seconds.map(({ health }) => health.connectsTotal));
  // The target may have ended between a connect and its first byte.
  t.true(connects >= books.sent && connects <= books.sent + 20, `${connects} connects, ${books.sent} sent`);
});

test('closed loop: so many users, never more requests at once, and the last answers are waited for', async (t) => {
  const target = await startTarget();
  const job = generatorJob({
    url: target.url,
    path: '/sleep?ms=10',
    loadProfile: {
      kind: 'closed',
      thinkTimeMs: milliseconds(0),
      stages: [
        { name: 'few', kind: 'hold', users: 2, durationMs: seconds(1) },
        { name: 'many', kind: 'hold', users: 8, durationMs: seconds(1) },
      ],
    },
    connections: { count: 8 },
  });
  const books = await new GeneratorProcess(job).run();
  t.is(ended(books), books.due);
  t.is(books.outcomes.done, books.due);
  t.is((await target.log()).length, books.due);
  const [few, many] = [books.byStage.get(0)?.due ?? 0, books.byStage.get(1)?.due ?? 0];
  // Two users who wait 10 ms each time; the slower the machine, the fewer.
  t.true(few > 10 && few <= 200, `${few}`);
  t.true(many > few, `${many}`);
  t.deepEqual(
    books.seconds.slice(0, 2).map(({ health }) => health.inFlightMax),
    [2, 8],
  );
});

test('stop: no new requests, the answers still due are waited for, what waits is in flight', async (t) => {
  const target = await startTarget();
  const job = generatorJob({
    url: target.url,
    path: '/sleep?ms=300',
    loadProfile: holds('even', [100, 60]),
    connections: { count: 10 },
  });
  const generator = new GeneratorProcess(job);
  await generator.line('ready');
  generator.send({ kind: 'start' });
  await generator.line('second');
  generator.send({ kind: 'stop', reason: 'test' });
  const finished = await generator.line('finished');
  t.is(finished.reason, 'stopped');
  t.is(await generator.exit, 0);
  const books = booksOf(generator.lines);
  t.true(books.due >= 100 && books.due < 6000, `${books.due}`);
  t.is(ended(books), books.due);
  t.is(books.outcomes.done, books.sent);
  t.is(books.outcomes['in-flight'], books.due - books.sent);
  t.is((await target.log()).length, books.sent);
});

test('closed standard input ends it at once, with its books', async (t) => {
  const target = await startTarget();
  const job = generatorJob({
    url: target.url,
    path: '/hang',
    loadProfile: holds('even', [100, 30]),
    connections: { requestTimeoutMs: seconds(15) },
  });
  const generator = new GeneratorProcess(job);
  await generator.line('ready');
  generator.send({ kind: 'start' });
  await generator.line('second');
  generator.child.stdin?.end();
  t.is(await generator.exit, 0);
  const books = booksOf(generator.lines);
  t.is(ended(books), books.due);
  t.is(books.outcomes['in-flight'], books.due, 'no time limit was waited for');
});

test('an interrupt is left to the conductor, a termination stops it', async (t) => {
  const target = await startTarget();
  const generator = new GeneratorProcess(generatorJob({ url: target.url, loadProfile: holds('even', [100, 30]) }));
  await generator.line('ready');
  generator.send({ kind: 'start' });
  await generator.line('second');
  generator.child.kill('SIGINT');
  await generator.until('ended by an interrupt', (books) => books.seconds.length >= 3);
  t.false(generator.lines.some((line) => line.kind === 'finished'));
  generator.child.kill('SIGTERM');
  const finished = await generator.line('finished');
  t.is(finished.reason, 'stopped');
  t.is(await generator.exit, 0);
});

test('a module with a requests function gets its iterations, and one that throws is counted as a failure', async (t) => {
  const target = await startTarget();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-requests-'));
  const requestsFile = join(folder, 'requests.mjs');
  const preparedFile = join(folder, 'prepared.json');
  writeFileSync(
    requestsFile,
    `export const requests = (n, random, prepared) => {
       if (n % 10 === 9) throw new Error('no idea');
       return { name: 'item', path: prepared.path + '?i=' + n, method: random.below(2) === 0 ? 'GET' : 'POST' };
     };`,
  );
  writeFileSync(preparedFile, JSON.stringify({ path: '/instant' }));
  const traffic: Traffic = { kind: 'module', file: 'requests.mjs', hash: '', endpoints: ['item'], hasPrepare: true };
  const job = generatorJob({
    url: target.url,
    traffic,
    requestsFile,
    preparedFile,
    loadProfile: holds('even', [200, 1]),
  });
  const generator = new GeneratorProcess(job);
  const books = await generator.run();
  t.deepEqual(books.outcomes, { done: 180, failed: 20, shed: 0, dropped: 0, 'in-flight': 0 });
  t.deepEqual(books.failures, { 'request-error': 20 });
  const iterations = (await target.log()).map(({ iteration }) => iteration).toSorted((a, b) => a - b);
  t.deepEqual(
    iterations,
    Array.from({ length: 200 }, (_, n) => n).filter((n) => n % 10 !== 9),
  );
  t.regex(generator.stderr, /a request could not be made: no idea/);
  await rm(folder, { recursive: true });
});

test('before the start the workload gets connections but not one request', async (t) => {
  const target = await startTarget();
  const generator = new GeneratorProcess(
    generatorJob({ url: target.url, loadProfile: holds('even', [100, 1]), connections: { count: 30 } }),
  );
  const ready = await generator.line('ready');
  t.is(ready.engine.version, '9.0.0');
  t.true((ready.selfTest['warmUpRequests'] ?? 0) > 1000);
  await sleep(300);
  t.is((await target.log()).length, 0);
  const books = await generator.run();
  t.is((await target.log()).length, books.due);
  t.is(Math.min(...books.seconds.map(({ health }) => health.connectionsOpen)), 30);
});

test('a stop before the start ends it without a request', async (t) => {
  const target = await startTarget();
  const generator = new GeneratorProcess(generatorJob({ url: target.url, loadProfile: holds('even', [100, 1]) }));
  await generator.line('ready');
  generator.send({ kind: 'stop', reason: 'test' });
  t.is((await generator.line('finished')).reason, 'stopped');
  t.is(await generator.exit, 0);
  t.deepEqual(await target.log(), []);
});

test('a stage that ends within a second gets a line of its own', async (t) => {
  const target = await startTarget();
  const job = generatorJob({ url: target.url, loadProfile: holds('even', [200, 0.5], [400, 1]) });
  const books = await new GeneratorProcess(job).run();
  t.deepEqual(
    books.seconds.slice(0, 3).map(({ second, health }) => [second, health.stage]),
    [
      [0, 0],
      [0, 1],
      [1, 1],
    ],
  );
  t.deepEqual(
    [...books.byStage.values()].map(({ due, ended: all }) => [due, all]),
    [
      [100, 100],
      [400, 400],
    ],
  );
  const lateness = books.seconds.slice(0, 3).map(({ health }) => LatencyHistogram.decode(health.lateness ?? '').count);
  t.deepEqual(lateness, [100, 200, 200]);
});

const refusals: readonly (readonly [what: string, job: (url: string) => unknown, reason: RegExp])[] = [
  ['no JSON', () => 'not json', /job file can't be read/],
  ['a job of another shape', () => ({ protocol: 99, plan: {} }), /protocol: .*; runId: .*plan\.seed/],
  [
    'https',
    (url) => generatorJob({ url: url.replace('http:', 'https:'), loadProfile: holds('even', [1, 1]) }),
    /never verifies certificates/,
  ],
  [
    'a host nobody knows',
    () => generatorJob({ url: 'http://nowhere.invalid', loadProfile: holds('even', [1, 1]) }),
    /host nowhere\.invalid/,
  ],
  [
    'a variable that is not set',
    (url) =>
      generatorJob({
        url,
        traffic: {
          kind: 'endpoints',
          endpoints: [endpoint({ path: '/', headers: { Authorization: 'env:PLIMSOLL_NOT_SET' } })],
          rows: [],
        },
        loadProfile: holds('even', [1, 1]),
      }),
    /PLIMSOLL_NOT_SET is not set/,
  ],
];
for (const [what, job, reason] of refusals)
  test(`${what} is one failed line, exit 1, no stack trace`, async (t) => {
    const generator = new GeneratorProcess(job('http://127.0.0.1:1'));
    const failed = await generator.line('failed');
    t.regex(failed.reason, reason);
    t.true(failed.hint.length > 10);
    t.is(await generator.exit, 1);
    t.is(generator.stderr, '');
    t.is(generator.lines.length, 1);
  });

test('a refusing address is told before anything is measured', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  const port = address !== null && typeof address !== 'string' ? address.port : 1;
  const generator = new GeneratorProcess(
    generatorJob({ url: `http://127.0.0.1:${port}`, loadProfile: holds('even', [1, 1]) }),
  );
  t.regex((await generator.line('failed')).reason, /no connection to .*ECONNREFUSED/);
  t.is(await generator.exit, 1);
});

test('Poisson arrivals reach the target when they are due, as late as the machine is and never early', async (t) => {
  const target = await startTarget();
  const seed = 11;
  const offsets = (profile: OpenLoadProfile): number[] => {
    const all: number[] = [];
    for (const due = dueTimes(profile, seed); due.offsetMs < Infinity; due.advance()) all.push(due.offsetMs);
    return all;
  };
  const loadProfile = holds('poisson', [200, 4]);
  const job = generatorJob({ url: target.url, loadProfile, seed });
  const books = await new GeneratorProcess(job).run();
  const log = await target.log();
  t.is(log.length, books.due);
  t.is(ended(books), books.due);
  const due = offsets(loadProfile);
  const even = offsets(holds('even', [200, 4]));
  t.true(
    due.some((offset, index) => (even[index] ?? Infinity) < offset - 50),
    'an even schedule would be seen',
  );
  // The wall clock may be moved a little against the one that due times are kept by.
  const arrivals = log.map(({ arrival }) => arrival - books.startedAt).toSorted((a, b) => a - b);
  t.deepEqual(
    arrivals.filter((arrival, index) => arrival < (due[index] ?? Infinity) - 5),
    [],
  );
});
