import test from 'ava';
import {
  type SnapshotDescription,
  type SnapshotRunDescription,
  snapshotRun,
} from '../../../fixtures/records/snapshot-run.ts';
import type { Finding } from '../../../model/finding.ts';
import { mebibytes } from '../../../model/units.ts';
import { analyze } from '../../analyze.ts';

function found(id: string, description: SnapshotRunDescription): Finding | undefined {
  const { record, readProfile } = snapshotRun(description);
  return analyze(record, { readProfile }).findings.find((one) => one.id === id);
}

const leaking = ['runtime.gopark', 'runtime.chansend', 'runtime.chansend1', 'shop.notify shop/notify.go:12'];
const kept = ['runtime.gopark', 'runtime.selectgo', 'shop.session shop/session.go:7'];

/** Goroutines at rest, after the warm-up, after the hold and after the cool-down. */
function goroutines(
  counts: readonly [number, number, number, number],
  stack: readonly string[],
): SnapshotDescription[] {
  return [-1, 10, 70, 73].map((second, index) => ({
    kind: 'goroutine',
    second,
    profile: {
      types: [['goroutine', 'count']],
      samples: [
        { stack: ['runtime.gopark', 'net/http.(*conn).serve'], values: [20] },
        ...((counts[index] ?? 0) === 0 ? [] : [{ stack, values: [counts[index] ?? 0] }]),
      ],
    },
  }));
}

/** A gauge that stands at `before`, grows by `perSecond` while load lasts, up to a bound, and keeps that. */
const gauge =
  (name: string, before: number, perSecond: number, atMost = Infinity) =>
  (second: number): string[] => [
    `# TYPE ${name} gauge`,
    `${name} ${Math.min(before + Math.max(0, Math.min(second, 70)) * perSecond, before + atMost)}`,
  ];

test('goroutines that stay are a leak: how many per 1,000 requests, where, and for what they wait', (t) => {
  const metrics = gauge('go_goroutines', 30, 10);
  const leak = found('goroutine-leak', { metrics, snapshots: goroutines([0, 100, 700, 700], leaking) });
  t.like(leak, { status: 'estimated', severity: 'critical', warnings: [] });
  t.true(Math.abs((leak?.estimate?.estimate ?? 0) - 100) < 2, JSON.stringify(leak?.estimate));
  t.true((leak?.estimate?.low ?? 0) < 100 && (leak?.estimate?.high ?? 0) > 100);
  t.deepEqual([...new Set(leak?.evidence.map(({ source }) => source))], ['pprof:goroutine', 'go-runtime']);
  t.regex(leak?.evidence[0]?.statement ?? '', /channel send in shop\.notify \(shop\/notify\.go:12\)/);
  t.regex(leak?.recommendation ?? '', /refuted by .* cool-down longer than 3 s/);
  t.like(found('goroutine-leak', { snapshots: goroutines([0, 100, 700, 700], leaking) }), { status: 'inconclusive' });
});

test('goroutines that come back, that are as many as may be, or wait for the next request of a connection are none', (t) => {
  const metrics = gauge('go_goroutines', 30, 10);
  t.is(found('goroutine-leak', { metrics, snapshots: goroutines([0, 100, 700, 300], leaking) }), undefined);
  t.is(found('goroutine-leak', { metrics, snapshots: goroutines([0, 300, 300, 300], kept) }), undefined);
  t.is(found('goroutine-leak', { metrics, snapshots: goroutines([0, 280, 300, 300], kept) }), undefined);
  t.is(found('goroutine-leak', { metrics, snapshots: goroutines([2, 3, 8, 8], leaking) }), undefined);
  const connection = ['runtime.gopark', 'internal/poll.runtime_pollWait', 'net/http.(*persistConn).readLoop'];
  t.is(found('goroutine-leak', { metrics, snapshots: goroutines([0, 100, 700, 700], connection) }), undefined);
  t.like(found('goroutine-leak', { metrics, snapshots: goroutines([0, 100, 700, 700], leaking).slice(1) }), {
    status: 'not-applicable',
  });
});

/** A collection every second or so; what was live then stands until the next. */
const heap =
  (live: (second: number) => number) =>
  (second: number): string[] => {
    const scatter = (second * 7919) % 11;
    return [
      '# TYPE go_gc_heap_live_bytes gauge',
      `go_gc_heap_live_bytes ${Math.round(mebibytes(20 + live(Math.max(0, Math.min(second, 70)))) + scatter * mebibytes(0.02))}`,
    ];
  };

const inUse = (second: number, megabytes: number): SnapshotDescription => ({
  kind: second > 70 ? 'heap' : 'allocs',
  second,
  profile: {
    types: [
      ['alloc_objects', 'count'],
      ['alloc_space', 'bytes'],
      ['inuse_objects', 'count'],
      ['inuse_space', 'bytes'],
    ],
    samples: [
      {
        stack: ['runtime.makeslice', 'shop.(*baskets).remember shop/baskets.go:30', 'net/http.(*conn).serve'],
        values: [9000, 9e7, megabytes * 250, megabytes * 1e6],
      },
      { stack: ['runtime.makeslice', 'shop.menu shop/menu.go:3'], values: [9000, 9e7, 100, 1e6] },
    ],
  },
});

test('a heap that grows is a leak: how fast, how much per request, and where', (t) => {
  const perMinute = 24;
  const leak = found('heap-leak', {
    metrics: heap((second) => (second * perMinute) / 60),
    snapshots: [inUse(-1, 0), inUse(10, 4), inUse(70, 29), inUse(73, 29)],
  });
  t.like(leak, { status: 'estimated', severity: 'critical' });
  const { estimate = 0, low = 0, high = 0 } = leak?.estimate ?? {};
  t.true(low <= 25.2 && high >= 25.1 && Math.abs(estimate - 25.17) < 0.3, JSON.stringify(leak?.estimate));
  const perRequest = leak?.evidence.find(({ unit }) => unit === 'B')?.value ?? 0;
  t.true(Math.abs(perRequest - mebibytes(0.004)) < 80, `${perRequest} bytes a request`);
  t.regex(leak?.evidence.at(-1)?.statement ?? '', /shop\.\(\*baskets\)\.remember \(shop\/baskets\.go:30\)/);
  t.regex(leak?.recommendation ?? '', /refuted by a longer run/);
});

test('memory in use that did not grow leaves the slope alone, which is one source', (t) => {
  const leak = found('heap-leak', {
    metrics: heap((second) => second * 0.4),
    snapshots: [inUse(-1, 4), inUse(10, 4), inUse(70, 4), inUse(73, 4)],
  });
  t.like(leak, { status: 'inconclusive', severity: 'info' });
});

test('a cache that fills is no leak, nor is a heap that stands', (t) => {
  const snapshots = [inUse(-1, 0), inUse(10, 4), inUse(70, 20), inUse(73, 20)];
  t.is(found('heap-leak', { metrics: heap((second) => Math.min(second, 30) * 0.5), snapshots }), undefined);
  t.is(found('heap-leak', { metrics: heap((second) => 20 * (1 - Math.exp(-second / 15))), snapshots }), undefined);
  t.is(found('heap-leak', { metrics: heap(() => 0), snapshots }), undefined);
});

/** By the process itself and, the same, by the kernel. */
const files = (before: number, perSecond: number, after: number): SnapshotRunDescription => ({
  metrics: (second) => [
    '# TYPE process_open_fds gauge',
    `process_open_fds ${second > 70 ? after : Math.round(before + Math.max(0, second) * perSecond)}`,
  ],
  snapshots: [-1, 10, 70].map((second, index) => ({
    kind: 'allocs',
    second,
    profile: {
      types: [
        ['alloc_objects', 'count'],
        ['alloc_space', 'bytes'],
      ],
      samples: [
        {
          stack: ['os.newFile', 'os.OpenFile', 'shop.receipt shop/receipt.go:9'],
          values: [1000 * index, 64_000 * index],
        },
        { stack: ['runtime.makeslice', 'shop.menu shop/menu.go:3'], values: [9000 * index, 9e6 * index] },
      ],
    },
  })),
});

test('files that stay open are a leak, with what opens them; those of connections are gone after the load', (t) => {
  const leak = found('fd-leak', files(40, 20, 1440));
  t.like(leak, { status: 'estimated', severity: 'critical' });
  t.true(Math.abs((leak?.estimate?.estimate ?? 0) - 200) < 2, JSON.stringify(leak?.estimate));
  t.regex(leak?.recommendation ?? '', /shop\.receipt \(shop\/receipt\.go:9\)/);
  t.is(found('fd-leak', files(40, 20, 60)), undefined, 'all were closed with the load');
  t.is(found('fd-leak', files(40, 0, 40)), undefined);
  t.is(found('fd-leak', { metrics: gauge('process_open_fds', 40, 20, 300) }), undefined, 'a pool that fills');
});
