import { dirname, join } from 'node:path';
import test from 'ava';
import { endpoint, generatorJob, holds } from '../fixtures/generator-job.ts';
import { type GeneratorBooks, GeneratorProcess } from '../fixtures/generator-process.ts';
import { startTlsTarget } from '../fixtures/tls-target.ts';
import { type TlsPlan, systemTls } from '../model/plan.ts';
import { seconds } from '../model/units.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';

const connections = 5;
const requests = 50;

/** What a target got that was asked so many times, with its certificate checked in some way. */
async function load(
  tlsFor: (caFile: string) => Partial<TlsPlan>,
  clients: 'any' | 'known' = 'any',
): Promise<{ books: GeneratorBooks; seen: { requests: number; connections: number } }> {
  const target = await startTlsTarget(clients);
  const job = generatorJob({
    url: target.url,
    traffic: {
      kind: 'endpoints',
      rows: [],
      endpoints: [endpoint({ path: '/', expect: { statuses: [200], body: '^HTTP/2\\.0$' } })],
    },
    loadProfile: holds('even', [requests, 1]),
    connections: { count: connections, tls: { ...systemTls, ...tlsFor(target.caFile) } },
  });
  const engine = k6Engine(await buildEngine(() => undefined));
  const books = await new GeneratorProcess(job, { engine }).run();
  return { books, seen: await target.stop() };
}

test.beforeEach((t) => t.timeout(seconds(600)));

test('https with the authority that is trusted: HTTP/2, each answered once, over the connections of the plan', async (t) => {
  const { books, seen } = await load((caFile) => ({ caFile }));
  t.deepEqual(books.outcomes, { done: requests, failed: 0, shed: 0, dropped: 0, 'in-flight': 0 });
  t.deepEqual(seen, { requests, connections });
});

test('a certificate of an unknown authority is refused: every request fails of it and none is sent', async (t) => {
  const { books, seen } = await load(() => systemTls);
  t.deepEqual(books.outcomes, { done: 0, failed: requests, shed: 0, dropped: 0, 'in-flight': 0 });
  t.deepEqual(books.failures, { tls: requests });
  t.is(books.sent, 0);
  t.is(seen.requests, 0);
});

test('any certificate will do where the plan says so', async (t) => {
  const { books, seen } = await load(() => ({ insecure: true }));
  t.is(books.outcomes.done, requests);
  t.is(seen.requests, requests);
});

test('a target that wants to know its clients answers the one with the certificate, each request once', async (t) => {
  const { books, seen } = await load((caFile) => {
    const folder = dirname(caFile);
    return { caFile, certificateFile: join(folder, 'client.pem'), keyFile: join(folder, 'client.key') };
  }, 'known');
  t.is(books.outcomes.done, requests);
  t.deepEqual(seen, { requests, connections });
});

test('without a certificate it answers none: every request fails of that', async (t) => {
  const { books, seen } = await load((caFile) => ({ caFile }), 'known');
  t.deepEqual(books.outcomes, { done: 0, failed: requests, shed: 0, dropped: 0, 'in-flight': 0 });
  const { tls = 0, 'connection-reset': reset = 0, 'connection-closed': closed = 0 } = books.failures;
  // The target says why and hangs up; now and then the system loses what it said.
  t.is(tls + reset + closed, requests);
  t.true(tls > 0.8 * requests, JSON.stringify(books.failures));
  t.is(seen.requests, 0);
});
