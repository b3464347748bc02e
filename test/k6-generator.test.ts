import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { ArrivalLog, buildArrivalLog } from '../fixtures/arrival-log.ts';
import { endpoint, generatorJob, holds } from '../fixtures/generator-job.ts';
import { type GeneratorBooks, GeneratorProcess, type ProcessWishes, booksOf } from '../fixtures/generator-process.ts';
import type { Traffic } from '../model/traffic.ts';
import { milliseconds, seconds } from '../model/units.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import type { GeneratorJob, LoadGenerator } from '../runners/generators/port.ts';

/*
 * The k6 engine as a process: the same protocol, the same books as the autocannon engine (generator.test.ts). A change of
 * k6's version shows here: its executors, transports and scripts are used in ways it does not promise.
 */

let target: { binary: string; remove: () => Promise<void> };
let engine: LoadGenerator;
const targets: ArrivalLog[] = [];

test.before(async (t) => {
  t.timeout(seconds(600));
  target = await buildArrivalLog();
  engine = k6Engine(await buildEngine((message) => t.log(message)));
});
test.after.always(async () => {
  for (const each of targets) await each.stop();
  await target.remove();
});

async function startTarget(wishes: { port?: number } = {}): Promise<ArrivalLog> {
  const started = await ArrivalLog.start({ binary: target.binary, ...wishes });
  targets.push(started);
  return started;
}

const generator = (job: GeneratorJob, wishes: ProcessWishes = {}): GeneratorProcess =>
  new GeneratorProcess(job, { engine, ...wishes });
const ended = ({ outcomes }: GeneratorBooks): number => Object.values(outcomes).reduce((sum, count) => sum + count, 0);

function dueByEndpoint(books: GeneratorBooks): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { counts } of books.seconds)
    for (const each of counts) sums[each.endpoint] = (sums[each.endpoint] ?? 0) + each.due;
  return sums;
}

test('every request ends exactly once, in its stage, and the target saw every one', async (t) => {
  const { url, log } = await startTarget().then((started) => ({ url: started.url, log: () => started.log() }));
  const books = await generator(generatorJob({ url, loadProfile: holds('even', [300, 1], [700, 1], [100, 1]) })).run();
  t.is(books.due, 1100);
  t.deepEqual(books.outcomes, { done: 1100, failed: 0, shed: 0, dropped: 0, 'in-flight': 0 });
  t.is(books.sent, 1100);
  t.deepEqual(
    [...books.byStage.values()],
    [300, 700, 100].map((count) => ({ due: count, sent: count, ended: count })),
  );
  const arrived = await log();
  t.deepEqual(
    [0, 1, 2].map((stage) => arrived.filter((each) => each.stage === stage).length),
    [300, 700, 100],
  );
  t.deepEqual(
    books.seconds.slice(0, 3).map((line) => line.second),
    [0, 1, 2],
  );
  t.is(books.responseTime.count, 1100);
  t.is(books.serviceTime.count, 1100);
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
  const started = await startTarget();
  const job = generatorJob({
    url: started.url,
    loadProfile: holds('poisson', [400, 3]),
    traffic: everyFault,
    connections: { requestTimeoutMs: seconds(5), count: 60 },
  });
  const process = generator(job);
  const books = await process.run();
  t.is(ended(books), books.due);
  t.is(books.outcomes.dropped, 0);
  // Each was sent once, also those whose connection ended before the answer.
  t.is((await started.log()).length, books.sent);
  const byEndpoint = new Map<string, Set<string>>();
  for (const { cells } of books.seconds)
    for (const { endpoint: name, outcome, failure, count, statuses } of cells) {
      byEndpoint.set(name, (byEndpoint.get(name) ?? new Set()).add(failure ?? outcome));
      if (name.startsWith('/status') && outcome !== 'done')
        t.deepEqual(statuses, { [name.slice('/status?code='.length)]: count });
    }
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
  t.is(process.stderr, '', 'failures of the target are no messages');
});

test('a target that crashes and comes back loses no request from the books', async (t) => {
  const first = await startTarget();
  const job = generatorJob({
    url: first.url,
    path: '/sleep?ms=5',
    loadProfile: holds('even', [100, 9]),
    connections: { queueLimit: 200 },
  });
  const process = generator(job);
  await process.line('ready');
  process.send({ kind: 'start' });
  await process.until('none done', ({ outcomes }) => outcomes.done > 50);
  await first.stop();
  await process.until('not refused', ({ failures }) => (failures['connection-refused'] ?? 0) > 0);
  const second = await startTarget({ port: first.port });
  await process.line('finished');
  const books = booksOf(process.lines);
  t.is(books.due, 900);
  t.is(ended(books), 900);
  t.true((await second.log()).length > 50);
});

test('a target that answers nothing: timeouts, dropped and what is in flight at the end add up', async (t) => {
  const started = await startTarget();
  const job = generatorJob({
    url: started.url,
    loadProfile: holds('even', [100, 4]),
    // Two endpoints: the names of what waits are asked for.
    traffic: { kind: 'endpoints', rows: [], endpoints: [endpoint({ path: '/hang' }), endpoint({ path: '/hang?2' })] },
    // They end once, 2.5 s after they were sent, and a slow machine's second after it is still within the load.
    connections: { count: 10, requestTimeoutMs: seconds(2.5), queueLimit: 50 },
    graceMs: 200,
  });
  const books = await generator(job).run();
  t.is(books.due, 400);
  t.is(ended(books), 400);
  t.true(books.outcomes.dropped > 200);
  t.is(books.outcomes.failed, books.failures.timeout ?? 0);
  t.is(books.outcomes.failed, 10);
  t.is(books.outcomes['in-flight'], 60);
  t.deepEqual([...new Set(books.seconds.flatMap(({ counts }) => counts.map((each) => each.endpoint)))].toSorted(), [
    '/hang',
    '/hang?2',
  ]);
});

test('answers of all shapes are read right', async (t) => {
  const started = await startTarget();
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
    url: started.url,
    traffic: { kind: 'endpoints', endpoints, rows: [{ who: '🐢' }] },
    loadProfile: holds('even', [200, 2]),
  });
  const books = await generator(job, { environment: { GENERATOR_TEST: 's3cret' } }).run();
  t.deepEqual(books.failures, {});
  t.is(books.outcomes.done, 400);
  t.is((await started.log()).length, 400);
});

test('the time a request takes is counted from its due time, also while it waits for a connection', async (t) => {
  const started = await startTarget();
  const job = generatorJob({
    url: started.url,
    path: '/sleep?ms=20',
    loadProfile: holds('even', [100, 2]),
    connections: { count: 1 },
  });
  const books = await generator(job).run();
  t.is(books.outcomes.done, 200);
  const [median, slowest] = [books.responseTime.quantile(0.5) ?? 0, books.responseTime.max() ?? 0];
  t.true(median > 900 && slowest > 1900, `median ${median}, slowest ${slowest}`);
  t.true((books.serviceTime.quantile(0.5) ?? 0) < median / 5);
  t.true(books.connectionWait.count > 190);
  t.true(books.seconds.some(({ health }) => health.queueLengthMax > 50));
});

test('without keep-alive every request has a connection of its own', async (t) => {
  const started = await startTarget();
  const job = generatorJob({
    url: started.url,
    loadProfile: holds('even', [200, 2]),
    connections: { keepAlive: false, count: 20 },
  });
  const books = await generator(job).run();
  t.is(books.outcomes.done, 400);
  t.is(Math.max(...books.seconds.map(({ health }) => health.connectsTotal)), books.sent);
});

test('closed loop: so many users, never more requests at once, and the last answers are waited for', async (t) => {
  const started = await startTarget();
  const job = generatorJob({
    url: started.url,
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
  const books = await generator(job).run();
  t.is(ended(books), books.due);
  t.is(books.outcomes.done, books.due);
  t.is((await started.log()).length, books.due);
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
  const started = await startTarget();
  const job = generatorJob({
    url: started.url,
    path: '/sleep?ms=300',
    loadProfile: holds('even', [100, 60]),
    connections: { count: 10 },
  });
  const process = generator(job);
  await process.line('ready');
  process.send({ kind: 'start' });
  await process.line('second');
  process.send({ kind: 'stop', reason: 'test' });
  const finished = await process.line('finished');
  t.is(finished.reason, 'stopped');
  t.is(await process.exit, 0);
  const books = booksOf(process.lines);
  t.true(books.due >= 100 && books.due < 6000, `${books.due}`);
  t.is(ended(books), books.due);
  t.is(books.outcomes.done, books.sent);
  t.is(books.outcomes['in-flight'], books.due - books.sent);
  t.is((await started.log()).length, books.sent);
});

test('closed standard input ends it at once, with its books', async (t) => {
  const started = await startTarget();
  const job = generatorJob({
    url: started.url,
    path: '/hang',
    loadProfile: holds('even', [100, 30]),
    connections: { requestTimeoutMs: seconds(15) },
  });
  const process = generator(job);
  await process.line('ready');
  process.send({ kind: 'start' });
  await process.line('second');
  process.child.stdin?.end();
  t.is(await process.exit, 0);
  const books = booksOf(process.lines);
  t.is(ended(books), books.due);
  t.is(books.outcomes['in-flight'], books.due, 'no time limit was waited for');
});

test('an interrupt is left to the conductor, a termination stops it', async (t) => {
  const started = await startTarget();
  const process = generator(generatorJob({ url: started.url, loadProfile: holds('even', [100, 30]) }));
  await process.line('ready');
  process.send({ kind: 'start' });
  await process.line('second');
  process.child.kill('SIGINT');
  await process.until('ended by an interrupt', (books) => books.seconds.length >= 3);
  t.false(process.lines.some((line) => line.kind === 'finished'));
  process.child.kill('SIGTERM');
  const finished = await process.line('finished');
  t.is(finished.reason, 'stopped');
  t.is(await process.exit, 0);
  const books = booksOf(process.lines);
  t.is(ended(books), books.due);
  t.is((await started.log()).length, books.sent);
});

test('a module with a requests function gets its iterations, and one that throws is counted as a failure', async (t) => {
  const started = await startTarget();
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
    url: started.url,
    traffic,
    requestsFile,
    preparedFile,
    loadProfile: holds('even', [200, 1]),
  });
  const process = generator(job);
  const books = await process.run();
  t.deepEqual(books.outcomes, { done: 180, failed: 20, shed: 0, dropped: 0, 'in-flight': 0 });
  t.deepEqual(books.failures, { 'request-error': 20 });
  const iterations = (await started.log()).map(({ iteration }) => iteration).toSorted((a, b) => a - b);
  t.deepEqual(
    iterations,
    Array.from({ length: 200 }, (_, n) => n).filter((n) => n % 10 !== 9),
  );
  t.is(process.stderr.match(/a request could not be made: no idea/g)?.length, 1, process.stderr);
  await rm(folder, { recursive: true });
});

test('both engines choose the same endpoints for the same iterations', async (t) => {
  const started = await startTarget();
  const endpoints = [1, 2, 3].map((weight) => endpoint({ path: `/instant?${weight}`, weight }));
  const job = generatorJob({
    url: started.url,
    seed: 12,
    traffic: { kind: 'endpoints', rows: [], endpoints },
    loadProfile: holds('poisson', [300, 1]),
  });
  t.deepEqual(dueByEndpoint(await generator(job).run()), dueByEndpoint(await new GeneratorProcess(job).run()));
});

test("before the start the workload gets connections but not one request, and k6's own settings change nothing", async (t) => {
  const started = await startTarget();
  const process = generator(
    generatorJob({ url: started.url, loadProfile: holds('even', [100, 1]), connections: { count: 30 } }),
    {
      environment: {
        K6_VUS: '1',
        K6_ITERATIONS: '3',
        K6_NO_CONNECTION_REUSE: 'true',
        HTTP_PROXY: 'http://127.0.0.1:1',
      },
    },
  );
  const ready = await process.line('ready');
  t.is(ready.engine.name, 'k6');
  t.is(ready.engine.version, 'v1.8.1');
  t.regex(ready.engine.build ?? '', /^k6-engine [0-9a-f]{16}$/);
  await sleep(300);
  t.is((await started.log()).length, 0);
  const books = await process.run();
  t.is(books.due, 100);
  t.is((await started.log()).length, books.due);
  t.is(Math.min(...books.seconds.map(({ health }) => health.connectionsOpen)), 30);
  t.is(Math.max(...books.seconds.map(({ health }) => health.connectsTotal)), 30);
});

test('a stop before the start ends it without a request', async (t) => {
  const started = await startTarget();
  const process = generator(generatorJob({ url: started.url, loadProfile: holds('even', [100, 1]) }));
  await process.line('ready');
  process.send({ kind: 'stop', reason: 'test' });
  t.is((await process.line('finished')).reason, 'stopped');
  t.is(await process.exit, 0);
  t.deepEqual(await started.log(), []);
});

test('a stage that ends within a second gets a line of its own', async (t) => {
  const started = await startTarget();
  const job = generatorJob({ url: started.url, loadProfile: holds('even', [200, 0.5], [400, 1]) });
  const books = await generator(job).run();
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
});

test('what cannot begin says why', async (t) => {
  const unreachable = generator(generatorJob({ url: 'http://127.0.0.1:1', loadProfile: holds('even', [1, 1]) }));
  const refused = await unreachable.line('failed');
  t.regex(refused.reason, /^could not open 50 connections to 127\.0\.0\.1:1: .*refused$/);
  t.not(await unreachable.exit, 0);

  const started = await startTarget();
  const unset = generator(
    generatorJob({
      url: started.url,
      traffic: {
        kind: 'endpoints',
        rows: [],
        endpoints: [endpoint({ path: '/instant', headers: { Authorization: 'env:NO_SUCH_VARIABLE' } })],
      },
      loadProfile: holds('even', [1, 1]),
    }),
  );
  t.not(await unset.exit, 0);
  t.regex(unset.stderr, /the environment variable NO_SUCH_VARIABLE is not set/);
});
