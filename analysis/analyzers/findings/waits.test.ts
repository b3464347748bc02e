import test from 'ava';
import {
  type SnapshotDescription,
  type SnapshotRunDescription,
  snapshotRun,
} from '../../../fixtures/records/snapshot-run.ts';
import type { Finding } from '../../../model/finding.ts';
import { analyze } from '../../analyze.ts';

function found(id: string, description: SnapshotRunDescription): Finding | undefined {
  const { record, readProfile } = snapshotRun(description);
  return analyze(record, { readProfile }).findings.find((one) => one.id === id);
}

type Sample = readonly [stack: readonly string[], count: number, value: number];

/** Cumulative snapshots before the load, after the warm-up and after the hold, in which all of it was added. */
function added(kind: 'mutex' | 'block' | 'allocs', samples: readonly Sample[]): SnapshotDescription[] {
  const types: readonly (readonly [string, string])[] =
    kind === 'allocs'
      ? [
          ['alloc_objects', 'count'],
          ['alloc_space', 'bytes'],
        ]
      : [
          ['contentions', 'count'],
          ['delay', 'nanoseconds'],
        ];
  return [-1, 10, 70].map((second) => ({
    kind,
    second,
    profile: {
      types,
      samples: second < 70 ? [] : samples.map(([stack, count, value]) => ({ stack, values: [count, value] })),
    },
  }));
}

const counter =
  (name: string, perSecond: number) =>
  (second: number): string[] => [`# TYPE ${name} counter`, `${name} ${((second + 1) * perSecond).toFixed(4)}`];
const mutexWait = 'go_sync_mutex_wait_total_seconds_total';

test('waiting to write to the log is told from waiting for another lock', (t) => {
  const logged = ['sync.(*Mutex).Unlock', 'log.(*Logger).output', 'log.(*Logger).Printf', 'shop.audit shop/audit.go:5'];
  const metrics = counter(mutexWait, 0.9);
  const slow = found('sync-log', { metrics, snapshots: added('mutex', [[logged, 5000, 45e9]]) });
  t.like(slow, { status: 'estimated', severity: 'warning' });
  t.regex(slow?.evidence[0]?.statement ?? '', /shop\.audit \(shop\/audit\.go:5\)/);
  t.true(Math.abs((slow?.estimate?.estimate ?? 0) - 900) < 5, JSON.stringify(slow?.estimate));
  const locked = ['sync.(*Mutex).Unlock', 'shop.(*stock).take shop/stock.go:5'];
  t.is(found('sync-log', { metrics, snapshots: added('mutex', [[locked, 5000, 45e9]]) }), undefined);
  t.is(found('sync-log', { metrics, snapshots: added('mutex', [[logged, 50, 45e6]]) }), undefined, 'hardly ever');
});

const call = ['net/http.(*Client).do', 'net/http.(*Client).Do', 'shop.pay shop/pay.go:20', 'net/http.(*conn).serve'];
const forConnection: readonly string[] = ['runtime.selectgo', 'net/http.(*Transport).getConn', ...call];
const forAnswer: readonly string[] = ['runtime.selectgo', 'net/http.(*persistConn).roundTrip', ...call];
const buffer: readonly string[] = [
  'bufio.NewReaderSize',
  'net/http.(*Transport).dialConn',
  'net/http.(*Transport).dialConnFor',
];
const asked: Sample = [['net/http.NewRequestWithContext', ...call], 6000, 6e6];

test('calls that wait for one of few connections', (t) => {
  const stage = { latencyMs: () => 60 };
  // 40 ms for each of 6,000 requests.
  const wait: Sample = [forConnection, 6000, 240e9];
  const small = found('client-pool-small', { stage, snapshots: added('block', [wait]) });
  t.like(small, { status: 'estimated' });
  t.true(Math.abs((small?.estimate?.estimate ?? 0) - 40) < 1.5, JSON.stringify(small?.estimate));
  t.regex(small?.recommendation ?? '', /shop\.pay \(shop\/pay\.go:20\).*refuted/);
  const dialling = [...added('block', [wait]), ...added('allocs', [[buffer, 6000, 6000 * 4096], asked])];
  t.is(found('client-pool-small', { stage, snapshots: dialling }), undefined, 'they wait for one that is opened');
  t.is(found('client-pool-small', { stage, snapshots: added('block', [[forAnswer, 6000, 240e9]]) }), undefined);
  t.is(found('client-pool-small', { stage, snapshots: added('block', [[forConnection, 600, 1e9]]) }), undefined);
  const short = { latencyMs: () => 2 };
  t.like(found('client-pool-small', { stage: short, snapshots: added('block', [wait]) }), { status: 'inconclusive' });
});

test('calls whose answer takes most of the time; quick ones are none', (t) => {
  const stage = { latencyMs: () => 215 };
  const slow = found('slow-dependency', { stage, snapshots: added('block', [[forAnswer, 6000, 1200e9]]) });
  t.like(slow, { status: 'estimated' });
  t.true(Math.abs((slow?.estimate?.estimate ?? 0) - 200) < 0.5);
  t.regex(slow?.evidence[0]?.statement ?? '', /shop\.pay/);
  const quick = { latencyMs: () => 8 };
  t.is(found('slow-dependency', { stage: quick, snapshots: added('block', [[forAnswer, 6000, 30e9]]) }), undefined);
});

test('connections that are opened for each call, by their buffers and the kernel’s count', (t) => {
  const snapshots = added('allocs', [[buffer, 6000, 6000 * 4096], asked]);
  const churn = found('connection-churn', { snapshots });
  t.like(churn, { status: 'inconclusive' });
  t.regex(churn?.evidence[0]?.statement ?? '', /shop\.pay/);
  const { estimate = 0, low = 0, high = 0 } = churn?.estimate ?? {};
  t.true(Math.abs(estimate - 1) < 0.02 && low < 0.8 && high > 1.2, JSON.stringify(churn?.estimate));
  const few = added('allocs', [[buffer, 200, 200 * 4096], asked]);
  t.is(found('connection-churn', { snapshots: few }), undefined);
});

const cpuProfile = (stack: readonly string[], samples: number): SnapshotDescription => ({
  kind: 'cpu',
  second: 30,
  profile: {
    types: [
      ['samples', 'count'],
      ['cpu', 'nanoseconds'],
    ],
    period: 1e7,
    durationNanoseconds: 30e9,
    samples: [
      { stack, values: [samples, samples * 1e7] },
      { stack: ['shop.menu shop/menu.go:3', 'net/http.(*conn).serve'], values: [500, 500e7] },
    ],
  },
});

const loaded = (second: number): string[] => [
  '# TYPE process_cpu_seconds_total counter',
  `process_cpu_seconds_total ${Math.min(second, 70) + 1}`,
];

test('a processor that is used without load, and by whom; one that idles with the load is none', (t) => {
  const poll = ['runtime.selectnbrecv', 'shop.poll shop/poll.go:31'];
  const busy = found('busy-poll', {
    metrics: counter('process_cpu_seconds_total', 1.1),
    snapshots: [cpuProfile(poll, 2900)],
  });
  t.like(busy, { status: 'estimated', severity: 'warning' });
  t.true(Math.abs((busy?.estimate?.estimate ?? 0) - 29 / 30) < 0.01, JSON.stringify(busy?.estimate));
  t.regex(busy?.recommendation ?? '', /shop\.poll \(shop\/poll\.go:31\)/);
  t.is(found('busy-poll', { metrics: loaded, snapshots: [cpuProfile(poll, 2900)] }), undefined);
  const idle = ['runtime.futex', 'runtime.notesleep', 'runtime.findRunnable', 'runtime.schedule', 'runtime.mcall'];
  t.is(found('busy-poll', { metrics: loaded, snapshots: [cpuProfile(idle, 2900)] }), undefined);
});

test('collections that are forced, and by whom', (t) => {
  const metrics = counter('go_gc_cycles_forced_gc_cycles_total', 2);
  const forced = found('forced-gc', {
    metrics,
    snapshots: [cpuProfile(['runtime.gcStart', 'runtime.GC', 'shop.clean shop/clean.go:2'], 30)],
  });
  t.like(forced, { status: 'estimated' });
  t.true(Math.abs((forced?.estimate?.estimate ?? 0) - 2) < 0.1, JSON.stringify(forced?.estimate));
  t.regex(forced?.recommendation ?? '', /shop\.clean/);
  t.like(found('forced-gc', { metrics }), { status: 'estimated' }, 'the runtime counts each');
  t.is(found('forced-gc', { metrics: counter('go_gc_cycles_forced_gc_cycles_total', 0) }), undefined);
});

/** Goroutines when the warm-up has just ended and the hold goes on. */
const working = (goroutines: number): SnapshotDescription => ({
  kind: 'goroutine',
  second: 10.2,
  profile: {
    types: [['goroutine', 'count']],
    samples: [
      {
        stack: ['runtime.gopark', 'time.Sleep', 'shop.work shop/work.go:4', 'net/http.(*conn).serve'],
        values: [goroutines],
      },
      { stack: ['runtime.gopark', 'internal/poll.runtime_pollWait', 'net/http.(*conn).serve'], values: [500] },
    ],
  },
});

test('work that goes on for clients that have gone: more at work than they can be waiting for', (t) => {
  const stage = { failures: { timeout: 0.3 } };
  // The client waits for 10 s and 100 a second are due: up to 1,000 are waited for.
  const storm = found('abort-storm', { stage, snapshots: [working(1600)] });
  t.like(storm, { status: 'estimated', severity: 'warning' });
  t.true(Math.abs((storm?.estimate?.estimate ?? 0) - 6000) < 1, JSON.stringify(storm?.estimate));
  t.regex(storm?.recommendation ?? '', /shop\.work \(shop\/work\.go:4\)/);
  t.is(found('abort-storm', { stage, snapshots: [working(900)] }), undefined, 'somebody waits for each');
  t.is(found('abort-storm', { snapshots: [working(1600)] }), undefined, 'nobody gave up');
});
