import test from 'ava';
import {
  type RunDescription,
  type StageDescription,
  buildRunRecord,
} from '../../../fixtures/records/build-run-record.ts';
import { postgresBody } from '../../../fixtures/records/postgres-body.ts';
import type { Finding } from '../../../model/finding.ts';
import type { Scrape } from '../../../model/measurements.ts';
import { type EpochMilliseconds, after, bytes, mebibytes, milliseconds, seconds } from '../../../model/units.ts';
import { analyze } from '../../analyze.ts';

function findingsOf(
  stages: readonly Partial<StageDescription>[],
  more: Partial<RunDescription> = {},
): readonly Finding[] {
  const described = stages.map((stage, index) => ({ rate: 100 * (index + 1), seconds: 6, ...stage }));
  return analyze(buildRunRecord({ stages: described, ...more })).findings;
}

const found = (list: readonly Finding[], id: string): Finding | undefined => list.find((one) => one.id === id);
const everySecond =
  (collector: Scrape['collector'], count: number, body: (second: number) => object) =>
  (startedAt: EpochMilliseconds): readonly Scrape[] =>
    Array.from({ length: count }, (_, second) => ({
      collector,
      source: collector,
      at: after(startedAt, seconds(second)),
      durationMs: milliseconds(1),
      bytes: bytes(10),
      contentType: 'application/json',
      body: JSON.stringify(body(second)),
      error: null,
    }));

test('a calm run with everything at rest finds nothing, and says what it could not look at', (t) => {
  const list = findingsOf([{}, {}]);
  t.deepEqual([...new Set(list.map(({ status }) => status))], ['not-applicable']);
  for (const { evidence, warnings } of list) {
    t.deepEqual(warnings, ['measurement-missing']);
    t.is(evidence.length, 1);
  }
});

test('shedding is what the client counted; a lower load that was not shed explains it', (t) => {
  const [alone, explained] = [
    found(findingsOf([{ shed: 0.1 }]), 'shedding'),
    found(findingsOf([{}, { shed: 0.1 }]), 'shedding'),
  ];
  t.like(alone, { status: 'estimated', severity: 'warning', warnings: [] });
  t.like(explained, { status: 'estimated', severity: 'warning' });
  t.is(alone?.evidence.length, 1);
  t.is(explained?.evidence.length, 2);
  t.is(found(findingsOf([{ shed: 0.005 }]), 'shedding'), undefined);
});

const p99 = (limitMs: number): Partial<RunDescription> => ({
  objectives: [
    {
      kind: 'latency-quantile',
      quantile: 0.99,
      limitMs: milliseconds(limitMs),
      endpoint: null,
      comparison: '<',
    },
  ],
});

const limitedAt = (stage: Partial<StageDescription>, more: Partial<RunDescription>): Finding | undefined =>
  found(findingsOf([{}, stage], more), 'generator-limited');

test('a late generator is a finding where it left an objective undecided, and only there', (t) => {
  const late: Partial<StageDescription> = { rate: 400, seconds: 12, latencyMs: () => 30, latenessMs: () => 9 };
  t.like(limitedAt(late, p99(20)), { status: 'estimated', severity: 'warning' });
  t.is(limitedAt(late, p99(50)), undefined, 'what holds in spite of it holds');
  t.is(limitedAt({ ...late, latencyMs: () => 3000 }, p99(20)), undefined, 'seconds are not its doing');
  t.is(limitedAt({ ...late, kind: 'warm-up' }, p99(20)), undefined);
});

test('a generator that could not do what was planned is the first thing to see where nothing else was measured', (t) => {
  const idle: Partial<StageDescription> = { dropped: 0.01, health: { inFlightMax: 63 } };
  t.like(found(findingsOf([{}, idle]), 'generator-limited'), { status: 'estimated', severity: 'warning' });
  t.like(found(findingsOf([idle]), 'generator-limited'), { status: 'estimated', severity: 'critical' });
});

test('what the target or the user ended is not the generator’s doing', (t) => {
  for (const code of ['interrupted', 'target-gone'] as const) {
    const list = findingsOf([{ seconds: 30, latenessMs: () => 50, failures: { 'connection-refused': 0.5 } }], {
      endedAfterSeconds: 9,
      outcome: { status: 'aborted', phase: 'load', code, reason: '' },
    });
    t.is(found(list, 'generator-limited'), undefined, code);
  }
});

const unexpected = (stage: Partial<StageDescription>, more: Partial<RunDescription> = {}): Finding | undefined =>
  found(findingsOf([stage], more), 'unexpected-status');

test('answers with an unexpected status are named by it, with a way out, also where nothing is judged', (t) => {
  const denied = unexpected({ statuses: { '401': 0.97, '404': 0.01 } });
  t.like(denied, { status: 'estimated', severity: 'critical', title: '97 % of the answers were 401', warnings: [] });
  t.regex(denied?.recommendation ?? '', /--auth/);
  const warmUp = unexpected({ kind: 'warm-up', statuses: { '404': 0.6 } }, { endedAfterSeconds: 2 });
  t.regex(warmUp?.title ?? '', /404/);
  t.notRegex(warmUp?.recommendation ?? '', /--auth/);
  t.like(unexpected({ statuses: { '500': 0.04 } }), { severity: 'warning' });
  t.is(unexpected({ statuses: { '500': 0.005 } }), undefined);
  t.is(unexpected({ statuses: { '503': 0.5 } }), undefined, 'that is shedding');
  t.is(unexpected({ failures: { 'unexpected-status': 0.5 } }), undefined, 'not recorded, so not guessed');
});

test('a certificate that is not trusted is told with the flags that settle it', (t) => {
  const refused = found(findingsOf([{ failures: { tls: 1 } }]), 'tls-failed');
  t.like(refused, { status: 'estimated', severity: 'critical' });
  t.regex(refused?.title ?? '', /^100 % of the due requests/);
  t.regex(refused?.recommendation ?? '', /--ca FILE/);
  t.like(found(findingsOf([{ failures: { tls: 0.02 } }]), 'tls-failed'), { severity: 'warning' });
  t.is(found(findingsOf([{ failures: { timeout: 1 } }]), 'tls-failed'), undefined);
});

test('the endpoint that gives the unexpected answers is named', (t) => {
  const record = buildRunRecord({
    stages: [{ rate: 100, seconds: 6, statuses: { '404': 0.5 } }],
    endpoints: { menu: 1, order: 1 },
  });
  if (record.traffic.status !== 'captured') throw new Error('no traffic');
  const { value } = record.traffic;
  const cells = value.cells.map((cell) =>
    cell.endpoint === 'menu' && cell.statuses !== null
      ? { ...cell, outcome: 'done' as const, failure: null, statuses: null }
      : cell,
  );
  const list = analyze({ ...record, traffic: { status: 'captured', value: { ...value, cells } } }).findings;
  const finding = found(list, 'unexpected-status');
  t.is(finding?.title, '25 % of the answers were 404');
  t.deepEqual(
    finding?.evidence.map(({ statement, value: share }) => [statement, share]),
    [
      ['share of the answers with status 404', 0.25],
      ['share of the answers with status 404 at order', 0.5],
    ],
  );
});

const pool = (waitMsPerRequest: number): StageDescription['target'] => ({
  pool: { maxOpen: 4, inUse: 4, waitsPerSecond: 50, waitMsPerRequest },
});

test('a pool is starved where requests wait and the client sees it; waiting alone is one source', (t) => {
  const calm: Partial<StageDescription> = { latencyMs: () => 10, target: pool(0) ?? {} };
  t.like(found(findingsOf([calm, { latencyMs: () => 60, target: pool(40) ?? {} }]), 'pool-starved'), {
    status: 'estimated',
    severity: 'critical',
  });
  t.like(found(findingsOf([calm, { latencyMs: () => 10, target: pool(40) ?? {} }]), 'pool-starved'), {
    status: 'inconclusive',
  });
  t.is(found(findingsOf([calm]), 'pool-starved'), undefined);
});

test('GOMAXPROCS above the CPU limit; equal is nothing', (t) => {
  t.like(found(findingsOf([{}], { target: { gomaxprocs: 8, cpuLimit: 1.5 } }), 'gomaxprocs-mismatch'), {
    status: 'estimated',
    severity: 'warning',
  });
  t.is(found(findingsOf([{}], { target: { gomaxprocs: 2, cpuLimit: 1.5 } }), 'gomaxprocs-mismatch'), undefined);
  t.like(found(findingsOf([{}], { target: { gomaxprocs: null, cpuLimit: 1.5 } }), 'gomaxprocs-mismatch'), {
    status: 'not-applicable',
  });
});

test('a container limit that Go does not know of', (t) => {
  const limited = { memoryLimitBytes: mebibytes(512) };
  t.like(found(findingsOf([{}], { target: { ...limited, gomemlimit: 'off' } }), 'memory-limit-missing'), {
    status: 'estimated',
  });
  t.like(found(findingsOf([{}], { target: { ...limited, command: ['orders'] } }), 'memory-limit-missing'), {
    status: 'estimated',
  });
  t.like(found(findingsOf([{}], { target: limited }), 'memory-limit-missing'), { status: 'not-applicable' });
  t.is(found(findingsOf([{}], { target: { ...limited, gomemlimit: '460MiB' } }), 'memory-limit-missing'), undefined);
  t.is(found(findingsOf([{}]), 'memory-limit-missing'), undefined);
});

const cgroup = (throttled: number): Partial<RunDescription> => ({
  scrapes: everySecond('cgroup', 7, (second) => ({
    format: 1,
    ticksPerSecond: 100,
    group: {
      version: 2,
      cpuPath: '/sys/fs/cgroup/target',
      memoryPath: '/sys/fs/cgroup/target',
      cpu: {
        quotaMicroseconds: 100_000,
        periodMicroseconds: 100_000,
        usageNanoseconds: second * 9e8,
        periods: 10 * second,
        throttledPeriods: throttled * second,
        throttledNanoseconds: second,
      },
      memory: null,
      pressure: { cpu: null, memory: null, io: null },
    },
    host: null,
    unreadable: {},
  })),
});

test('throttled periods of the control group', (t) => {
  const busy: Partial<StageDescription> = { target: { cpuMsPerRequest: 9 } };
  t.like(found(findingsOf([busy], cgroup(3)), 'cpu-throttled'), { status: 'estimated', severity: 'critical' });
  t.is(found(findingsOf([busy], cgroup(0)), 'cpu-throttled'), undefined);
});

const overflows = (perSecond: number): Partial<RunDescription> => ({
  scrapes: everySecond('sockets', 7, (second) => ({
    format: 1,
    port: 8080,
    namespace: 'shared',
    server: null,
    client: { states: { ESTABLISHED: 64 }, receiveQueueBytes: 0, sendQueueBytes: 0 },
    listening: [],
    tcp: {},
    tcpExtended: { ListenOverflows: perSecond * second },
    serverTcp: null,
    serverTcpExtended: null,
    socketTable: null,
    unreadable: {},
  })),
});

test('a full accept queue: the kernel’s counter and the client’s failures', (t) => {
  t.like(found(findingsOf([{ failures: { 'connect-timeout': 0.02 } }], overflows(3)), 'accept-overflow'), {
    status: 'estimated',
  });
  t.like(found(findingsOf([{}], overflows(3)), 'accept-overflow'), {
    status: 'inconclusive',
    warnings: ['single-source'],
  });
  t.is(found(findingsOf([{}], overflows(0)), 'accept-overflow'), undefined);
});

test('a busy collector without a profile is one source', (t) => {
  const stage: Partial<StageDescription> = { target: { gcCpuShare: 0.2, gcCyclesPerSecond: 9 } };
  t.like(found(findingsOf([stage]), 'gc-pressure'), { status: 'inconclusive', warnings: ['single-source'] });
  t.is(found(findingsOf([{ target: { gcCpuShare: 0.02, gcCyclesPerSecond: 9 } }]), 'gc-pressure'), undefined);
});

test('goroutines that grow at constant load are a hint and no more', (t) => {
  const list = findingsOf([{ seconds: 30 }], {
    scrapes: (startedAt) =>
      Array.from({ length: 31 }, (_, second) => ({
        collector: 'prometheus',
        source: 'metrics',
        at: after(startedAt, seconds(second)),
        durationMs: milliseconds(1),
        bytes: bytes(10),
        contentType: 'text/plain',
        body: `go_goroutines ${100 + 5 * second}\n`,
        error: null,
      })),
  });
  t.like(found(list, 'goroutine-growth'), { status: 'inconclusive', severity: 'info' });
});

/** Two stages of six seconds; the second, busy one begins in second 6. */
const database = (
  body: (busy: boolean, second: number) => Parameters<typeof postgresBody>[0],
): Partial<RunDescription> => ({
  postgres: true,
  scrapes: everySecond('postgres', 13, (second) => postgresBody(body(second >= 6, second))),
});

test('a database that nobody asked of is no finding; one that could not be read is not applicable', (t) => {
  const ids = ['row-lock', 'idle-in-transaction', 'slow-query'];
  for (const id of ids) {
    t.is(found(findingsOf([{}, {}]), id), undefined);
    t.like(found(findingsOf([{}, {}], { postgres: true }), id), { status: 'not-applicable' });
  }
  const calm = findingsOf(
    [{}, {}],
    database(() => ({})),
  );
  t.is(found(calm, 'row-lock'), undefined);
  t.is(found(calm, 'idle-in-transaction'), undefined);
  t.regex(found(calm, 'slow-query')?.evidence[0]?.statement ?? '', /not installed/);
});

const idle = (sessions: number, accounted: number, active = 2): Partial<RunDescription> =>
  database((busy, second) => ({
    sessions: { active, idleInTransaction: busy ? sessions : 0, longestIdleInTransactionMs: busy ? 25 : null },
    database: { idleInTransactionMs: busy ? seconds(accounted) * (second - 6) : 0 },
  }));

test('idle in a transaction: sampled, and by the server’s account', (t) => {
  const both = found(findingsOf([{}, {}], idle(4, 3.8)), 'idle-in-transaction');
  t.like(both, { status: 'estimated', severity: 'warning' });
  t.like(both?.evidence[0], { source: 'pg_stat_activity', value: 4, stage: 1 });
  t.like(both?.evidence[1], { source: 'pg_stat_database', value: 3.8 });
  t.like(found(findingsOf([{}, {}], idle(4, 0.2)), 'idle-in-transaction'), { status: 'inconclusive' });
  t.is(found(findingsOf([{}, {}], idle(4, 4, 12)), 'idle-in-transaction'), undefined, 'pauses between statements');
  t.is(found(findingsOf([{}, {}], idle(0.5, 0.5, 0)), 'idle-in-transaction'), undefined, 'less than a session');
});

const counted = (id: string, second: number, perSecond: number, meanMs: number): object => ({
  id,
  text: `select ${id}`,
  calls: perSecond * second,
  totalMs: perSecond * meanMs * second,
  rows: perSecond * second,
});
const nothingElse = { statements: 0, calls: 0, totalMs: 0, rows: 0 };

const locked = (waiting: number, text: boolean): Partial<RunDescription> =>
  database((busy, second) => ({
    sessions: { active: 2 + (busy ? waiting : 0), lockWaits: busy ? waiting : 0 },
    waitingStatements: busy ? [{ id: '7', sessions: waiting }] : [],
    ...(text
      ? {
          statements: {
            status: 'read',
            // As many sessions are in it as wait: 100 calls a second of as many times 10 ms.
            listed: [counted('7', Math.max(0, second - 6), 100, waiting * 10)],
            others: nothingElse,
          },
        }
      : {}),
  }));

test('row locks: sessions that wait, and the time of their statement or of the client', (t) => {
  const byStatement = findingsOf([{}, {}], locked(8, true));
  t.like(found(byStatement, 'row-lock'), { status: 'estimated', severity: 'warning' });
  t.regex(JSON.stringify(found(byStatement, 'row-lock')?.evidence), /pg_stat_statements.*select 7/);
  t.is(found(byStatement, 'slow-query'), undefined, 'it waits, it is not slow');
  const byClient = found(findingsOf([{ latencyMs: () => 5 }, { latencyMs: () => 60 }], locked(8, false)), 'row-lock');
  t.like(byClient, { status: 'estimated' });
  t.like(found(findingsOf([{ latencyMs: () => 5 }, { latencyMs: () => 6 }], locked(8, false)), 'row-lock'), {
    status: 'inconclusive',
  });
  t.is(found(findingsOf([{}, {}], locked(0.3, true)), 'row-lock'), undefined);
  const once = database((_, second) => ({ sessions: { lockWaits: second === 9 ? 12 : 0 } }));
  t.is(found(findingsOf([{ latencyMs: () => 5 }, { latencyMs: () => 60 }], once), 'row-lock'), undefined, 'by chance');
  t.is(found(findingsOf([{}, { rate: 400 }], locked(1, true)), 'row-lock'), undefined, 'less than the limit a request');
});

const slow = (before: number, then: number, active: number, perSecond = 50): Partial<RunDescription> =>
  database((_, second) => ({
    sessions: { active },
    statements: {
      status: 'read',
      listed: [
        {
          ...counted('9', second, perSecond, before),
          totalMs: perSecond * (before * Math.min(second, 6) + then * Math.max(0, second - 6)),
        },
        counted('1', second, 500, 0.4),
      ],
      others: nothingElse,
    },
  }));

test('slow queries: in themselves or grown with the load, where sessions are seen in them', (t) => {
  const plain = found(findingsOf([{}, {}], slow(80, 80, 4)), 'slow-query');
  t.like(plain, { status: 'estimated', severity: 'warning' });
  t.regex(plain?.evidence[0]?.statement ?? '', /select 9/);
  t.true(Math.abs((plain?.evidence[0]?.value ?? 0) - 80) < 1e-6);
  t.like(found(findingsOf([{}, {}], slow(80, 80, 0)), 'slow-query'), { status: 'inconclusive' });
  t.like(found(findingsOf([{}, {}], slow(5, 20, 1)), 'slow-query'), { status: 'estimated' });
  t.is(found(findingsOf([{}, {}], slow(5, 9, 1)), 'slow-query'), undefined);
  t.is(found(findingsOf([{}, {}], slow(12, 20, 1)), 'slow-query'), undefined);
  t.is(found(findingsOf([{}, {}], slow(80, 80, 1, 2)), 'slow-query'), undefined, 'a few calls are chance');
});
