import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { generatorJob, holds } from '../fixtures/generator-job.ts';
import { type GeneratorBooks, GeneratorProcess } from '../fixtures/generator-process.ts';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { buildService } from '../fixtures/services/build-service.ts';
import { type Quotes, startQuotes } from '../fixtures/services/quotes-service.ts';
import { type ConnectionPlan, systemTls } from '../model/plan.ts';
import type { GrpcEndpoint, Traffic } from '../model/traffic.ts';
import { milliseconds, seconds } from '../model/units.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';

/*
 * gRPC calls by the real engine against a real service, whose own counts of calls are the truth.
 */

const protoFolder = fileURLToPath(new URL('../fixtures/services/quotes/proto', import.meta.url));
const get = 'plimsoll.quotes.v1.Quotes/Get';

test.beforeEach((t) => t.timeout(seconds(600)));

async function quotes(t: ExecutionContext, settings: Readonly<Record<string, string>> = {}): Promise<Quotes> {
  const service = await startQuotes({ binary: await buildService('quotes', () => undefined), settings });
  t.teardown(() => service.stop());
  return service;
}

async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

const call = (wishes: Partial<GrpcEndpoint> & { readonly name: string }): GrpcEndpoint => ({
  weight: 1,
  method: get,
  message: '{"item":"tea","quantity":2}',
  metadata: {},
  deadlineMs: seconds(30),
  expect: { codes: [], body: null },
  ...wishes,
});

const calls = (
  endpoints: readonly GrpcEndpoint[],
  more: Partial<Extract<Traffic, { kind: 'grpc' }>> = {},
): Traffic => ({
  kind: 'grpc',
  endpoints,
  rows: [],
  protoFiles: [],
  importPaths: [],
  ...more,
});

interface LoadWishes {
  readonly traffic: Traffic;
  readonly connections?: Partial<ConnectionPlan>;
  readonly rate?: number;
}

async function loading(url: string, { traffic, connections = {}, rate = 100 }: LoadWishes): Promise<GeneratorProcess> {
  const job = generatorJob({
    url,
    traffic,
    loadProfile: holds('even', [rate, 1], [rate, 1]),
    connections: { count: 5, ...connections },
  });
  return new GeneratorProcess(job, { engine: k6Engine(await buildEngine(() => undefined)) });
}

const load = async (url: string, wishes: LoadWishes): Promise<GeneratorBooks> =>
  await (await loading(url, wishes)).run();

/** How many calls of each endpoint ended in which way, with the code where it decided. */
function ends({ seconds: lines }: GeneratorBooks): Record<string, Record<string, number>> {
  const byEndpoint: Record<string, Record<string, number>> = {};
  for (const { endpoint, outcome, failure, count, statuses } of lines.flatMap(({ cells }) => cells)) {
    const [code = ''] = Object.keys(statuses ?? {});
    const how = [outcome, failure, code].filter((part) => part !== null && part !== '').join(' ');
    const ofEndpoint = (byEndpoint[endpoint] ??= {});
    ofEndpoint[how] = (ofEndpoint[how] ?? 0) + count;
  }
  return byEndpoint;
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const failing = (code: number): string => JSON.stringify({ item: 'tea', fail_with: code });

test('every code is counted by name, the counts are the service’s own, and the time starts when a call is due', async (t) => {
  const service = await quotes(t, { DELAY: '20ms' });
  const traffic = calls(
    [
      call({ name: 'all right', message: '{"item":"{{item}}","quantity":"{{count}}"}' }),
      call({ name: 'answer', expect: { codes: [], body: '"item":"tea","quantity":2,"priceCents":"\\d+"' } }),
      call({ name: 'wrong answer', expect: { codes: [], body: 'coffee' } }),
      call({ name: 'not found', message: failing(5), expect: { codes: ['OK', 'NOT_FOUND'], body: null } }),
      call({ name: 'internal', message: failing(13) }),
      call({ name: 'exhausted', message: failing(8) }),
      call({ name: 'unavailable', message: failing(14) }),
      call({ name: 'slow', message: '{"wait":"20s"}', deadlineMs: milliseconds(50) }),
    ],
    { rows: [{ item: 'a "quoted" {{one}}', count: '3' }] },
  );
  const books = await load(service.url, { traffic });
  const seen = ends(books);
  for (const [name, how] of Object.entries({
    'all right': 'done',
    answer: 'done',
    'wrong answer': 'failed unexpected-body',
    'not found': 'done',
    internal: 'failed unexpected-status INTERNAL',
    exhausted: 'shed RESOURCE_EXHAUSTED',
    unavailable: 'shed UNAVAILABLE',
    slow: 'failed timeout',
  }))
    t.deepEqual(Object.keys(seen[name] ?? {}), [how], name);
  t.is(books.due, 200);
  t.is(books.sent, 200);
  t.is(
    Object.values(seen).reduce((total, counts) => total + sum(counts), 0),
    200,
  );

  const { calls: counted, connections } = await service.counts();
  const of = (name: string): number => sum(seen[name] ?? {});
  const { Canceled = 0, DeadlineExceeded = 0, ...ended } = counted[`/${get}`] ?? {};
  t.deepEqual(ended, {
    OK: of('all right') + of('answer') + of('wrong answer'),
    NotFound: of('not found'),
    Internal: of('internal'),
    ResourceExhausted: of('exhausted'),
    Unavailable: of('unavailable'),
  });
  // Which side saw the end of the time first is chance.
  t.is(Canceled + DeadlineExceeded, of('slow'));
  // One of them asked for the methods, before the load.
  t.is(connections, 5 + 1);
  t.true((books.responseTime.quantile(0) ?? 0) >= 20);
});

test('TLS with a client certificate, by a .proto file', async (t) => {
  const folder = await temporaryFolder(t);
  const service = await quotes(t, { TLS_FOLDER: folder, CLIENT_CERTIFICATES: 'required', REFLECTION: '0' });
  const traffic = calls([call({ name: 'get' })], { protoFiles: ['quotes.proto'], importPaths: [protoFolder] });
  const tls = { ...systemTls, caFile: join(folder, 'ca.pem') };
  const client = { certificateFile: join(folder, 'client.pem'), keyFile: join(folder, 'client.key') };

  const books = await load(service.url, { traffic, connections: { tls: { ...tls, ...client } } });
  t.deepEqual(ends(books), { get: { done: 200 } });
  t.deepEqual(await service.counts(), { calls: { [`/${get}`]: { OK: 200 } }, connections: 5 });

  const without = await load(service.url, { traffic, connections: { tls }, rate: 20 });
  t.deepEqual(ends(without), { get: { 'failed tls': 40 } }, 'no certificate');
  const untrusted = await load(service.url, { traffic, connections: { tls: { ...systemTls, ...client } }, rate: 20 });
  t.deepEqual(ends(untrusted), { get: { 'failed tls': 40 } }, 'no authority');
  t.is(untrusted.sent, 0);
  t.is((await service.counts()).calls[`/${get}`]?.['OK'], 200);
});

test('a service that goes away is refused connections, each tried, and the books balance', async (t) => {
  const service = await quotes(t);
  const process = await loading(service.url, { traffic: calls([call({ name: 'get' })]) });
  await process.line('ready');
  process.send({ kind: 'start' });
  await process.until('no answer', ({ outcomes }) => outcomes.done > 0);
  const { calls: before } = await service.counts();
  t.true((before[`/${get}`]?.['OK'] ?? 0) > 0);
  await service.stop();
  const books = await process.run();
  const { done = 0, ...failed } = ends(books)['get'] ?? {};
  t.is(done + sum(failed), 200);
  t.true((failed['failed connection-refused'] ?? 0) > 0);
  t.deepEqual(
    Object.keys(failed).filter((how) => !/^failed connection-(refused|reset|closed)$/.test(how)),
    [],
  );
});

test('a method or a message that the service does not know ends the run before the load, with all mistakes at once', async (t) => {
  const service = await quotes(t);
  const failure = async (...endpoints: readonly GrpcEndpoint[]): Promise<string> =>
    (await (await loading(service.url, { traffic: calls(endpoints) })).line('failed')).reason;
  const unknown = await failure(
    call({ name: 'a', method: 'plimsoll.quotes.v1.Quotes/Buy' }),
    call({ name: 'b', method: 'shop.Orders/Get' }),
    call({ name: 'c', method: 'plimsoll.quotes.v1.Quotes/Watch' }),
  );
  t.regex(unknown, /has no method Buy; it has Get, List, Watch/);
  t.regex(unknown, /there is no service shop\.Orders; there are .*plimsoll\.quotes\.v1\.Quotes/);
  t.regex(unknown, /Watch is a stream/);
  const unfit = await failure(
    call({ name: 'a', message: '{"itm":"tea"}' }),
    call({ name: 'b', message: '{"quantity":"many"}' }),
  );
  t.regex(unfit, /a: the message is no plimsoll\.quotes\.v1\.GetRequest: .*itm/);
  t.regex(unfit, /b: the message is no .*many/);
  t.deepEqual((await service.counts()).calls[`/${get}`], undefined);
});

const document = z.object({
  engine: z.object({ name: z.string() }),
  stages: z.array(z.object({ due: z.number(), done: z.number(), failed: z.number() })),
});

test('a scenario with gRPC calls is driven by k6, to a report', async (t) => {
  const service = await quotes(t);
  const folder = await temporaryFolder(t);
  const scenario = join(folder, 'quotes.ts');
  await writeFile(
    scenario,
    `import { defineScenario } from 'plimsoll';
export default defineScenario({
  name: 'quotes',
  target: '${service.url}',
  traffic: { grpc: [{ method: '${get}', message: { item: '{{item}}', quantity: 2 } }], data: [{ item: 'tea' }, { item: 'rice' }] },
  load: { warmUp: '1s', stages: [{ hold: 50, for: '2s' }] },
  collect: { metrics: '${service.adminUrl}/metrics' },
  objectives: ['errors<50%'],
});
`,
  );
  const ran = await startPlimsoll(['run', scenario, '--json', '--runs', join(folder, 'runs')]).ended;
  t.is(ran.code, 0, ran.err);
  const { engine, stages } = document.parse(JSON.parse(ran.out));
  t.is(engine.name, 'k6');
  t.deepEqual(
    stages.map(({ due, done }) => [due, done]),
    [
      [50, 50],
      [100, 100],
    ],
  );
  t.deepEqual((await service.counts()).calls[`/${get}`], { OK: 150 });

  const refused = await startPlimsoll(['plan', scenario, '--engine', 'autocannon']).ended;
  t.is(refused.code, 2, refused.err);
  t.regex(refused.err, /autocannon speaks HTTP\/1\.1 and no gRPC/);
});
