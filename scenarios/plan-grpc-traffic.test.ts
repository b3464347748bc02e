import test from 'ava';
import type { Scenario } from '../model/scenario.ts';
import { milliseconds, seconds } from '../model/units.ts';
import { type Planned, planRun } from './plan-run.ts';

const scenario: Scenario = {
  name: 'orders',
  target: 'http://127.0.0.1:50051',
  traffic: { grpc: [{ method: 'shop.v1.Orders/Get', message: { id: '{{id}}', count: 3 } }], data: [{ id: '7' }] },
  load: { stages: [{ hold: 100, for: '30s' }] },
};

const plan = (change: Readonly<Record<string, unknown>>): Planned =>
  planRun(
    { ...scenario, ...change },
    {
      requestsModule: null,
      rows: null,
      workingDirectory: '/srv/orders',
      processors: { generator: null, target: null },
      targetIsLocal: true,
      hasVariable: () => false,
    },
  );

/** What is wrong, by place. */
function faults(change: Readonly<Record<string, unknown>>): Record<string, string> {
  const planned = plan(change);
  return planned.ok
    ? {}
    : Object.fromEntries(planned.reasons.map(({ where, message, hint }) => [where, `${message}: ${hint}`]));
}

test('calls become endpoints, with every default in place, and k6 drives them', (t) => {
  const planned = plan({});
  if (!planned.ok) return t.fail(JSON.stringify(planned.reasons));
  t.deepEqual(planned.plan.engine, { name: 'k6', reason: 'gRPC: autocannon speaks HTTP/1.1 only' });
  return t.deepEqual(planned.plan.traffic, {
    kind: 'grpc',
    endpoints: [
      {
        name: 'shop.v1.Orders/Get',
        weight: 1,
        method: 'shop.v1.Orders/Get',
        message: '{"id":"{{id}}","count":3}',
        metadata: {},
        deadlineMs: seconds(10),
        expect: { codes: [], body: null },
      },
    ],
    rows: [{ id: '7' }],
    protoFiles: [],
    importPaths: ['/srv/orders/.'],
  });
});

test('a deadline of its own, and .proto files', (t) => {
  const planned = plan({
    traffic: {
      grpc: [{ method: 'a.B/C', deadline: '200ms', expect: 'OK,NOT_FOUND', name: 'c' }],
      proto: 'a/b.proto',
      protoPath: ['proto', '/usr/include'],
    },
  });
  if (!planned.ok || planned.plan.traffic.kind !== 'grpc') return t.fail();
  const { endpoints, protoFiles, importPaths } = planned.plan.traffic;
  t.is(endpoints[0]?.deadlineMs, milliseconds(200));
  t.deepEqual(endpoints[0]?.expect.codes, ['OK', 'NOT_FOUND']);
  return t.deepEqual([protoFiles, importPaths], [['a/b.proto'], ['/srv/orders/proto', '/usr/include']]);
});

test('mistakes of form come all at once', (t) => {
  const seen = faults({
    engine: 'k7',
    traffic: {
      grpc: [
        { method: 'Get', message: ['x'], expect: 'NOTFOUND', deadline: '1' },
        { method: 'a.B/C', metadata: { 'trace-bin': 'x' }, mesage: {} },
      ],
    },
  });
  t.deepEqual(Object.keys(seen).toSorted(), [
    'engine',
    'traffic.grpc[0].deadline',
    'traffic.grpc[0].expect',
    'traffic.grpc[0].message',
    'traffic.grpc[0].method',
    'traffic.grpc[1].mesage',
    'traffic.grpc[1].metadata',
  ]);
  t.regex(seen['traffic.grpc[0].method'] ?? '', /package\.Service\/Method/);
  t.regex(seen['traffic.grpc[1].mesage'] ?? '', /did you mean message/);
});

test('mistakes of meaning come all at once', (t) => {
  const seen = faults({
    engine: 'autocannon',
    target: { url: 'http://127.0.0.1:50051', ready: '/healthz' },
    collect: { metrics: '/metrics' },
    timeout: '1s',
    objectives: ['buy:p99<1s'],
    traffic: {
      grpc: [
        { method: 'a.B/C', message: { id: '{{id}}' }, deadline: '2s' },
        { method: 'a.B/C', metadata: { authorization: 'env:TOKEN' } },
      ],
    },
  });
  t.deepEqual(Object.keys(seen).toSorted(), [
    'collect.metrics',
    'engine',
    'metadata of a.B/C.authorization',
    'objectives[0]',
    'target.ready',
    'traffic.grpc[0]',
    'traffic.grpc[0].deadline',
    'traffic.grpc[1].name',
  ]);
  t.regex(seen['engine'] ?? '', /autocannon speaks HTTP\/1\.1.*take k6/);
});

test('calls and endpoints exclude each other', (t) => {
  t.regex(
    faults({ traffic: { grpc: [{ method: 'a.B/C' }], endpoints: [{ path: '/' }] } })['traffic'] ?? '',
    /both endpoints and grpc/,
  );
});
