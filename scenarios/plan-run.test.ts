import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import * as fc from 'fast-check';
import type { Plan } from '../model/plan.ts';
import type { Scenario, StageInput } from '../model/scenario.ts';
import { mebibytes, milliseconds, percent, seconds } from '../model/units.ts';
import { type PlanOptions, planRun } from './plan-run.ts';

const options: PlanOptions = {
  requestsModule: null,
  rows: null,
  workingDirectory: '/srv/orders',
  processors: { generator: '0', target: '1' },
  targetIsLocal: true,
  hasVariable: (name) => name === 'TOKEN',
};

const sound: Scenario = {
  name: 'orders',
  target: 'http://127.0.0.1:8080',
  traffic: { endpoints: [{ path: '/menu' }] },
  load: { stages: [{ hold: 100, for: '30s' }] },
};

function planOf(change: Partial<Scenario>, changed: Partial<PlanOptions> = {}): Plan {
  const planned = planRun({ ...sound, ...change }, { ...options, ...changed });
  if (!planned.ok) throw new Error(JSON.stringify(planned.reasons));
  return planned.plan;
}

function faultsOf(change: Partial<Scenario>): readonly string[] {
  const planned = planRun({ ...sound, ...change }, options);
  return planned.ok ? [] : planned.reasons.map(({ where }) => where);
}

const rates = (stages: readonly StageInput[], warmUp = '0s'): (readonly [number, number])[] => {
  const { loadProfile } = planOf({ load: { stages, warmUp } });
  return loadProfile.kind === 'open'
    ? loadProfile.stages.map((stage) => [stage.startPerSecond, stage.endPerSecond])
    : [];
};

const stair = (from: number, to: number, step: number): number[] =>
  rates([{ stair: { from, to, step }, hold: '5s' }]).map(([rate]) => rate);

/** How much of a single stage is cut at its beginning, in milliseconds. */
const cut = (only: StageInput): number =>
  planOf({ load: { warmUp: '0s', stages: [only] } }).steadyWindows[0]?.fromMs ?? Number.NaN;

test('a stair ends with `to`, whether the step divides or not, upward or downward', (t) => {
  t.deepEqual(stair(200, 1_000, 400), [200, 600, 1_000]);
  t.deepEqual(stair(200, 1_000, 300), [200, 500, 800, 1_000]);
  t.deepEqual(stair(1_000, 200, 300), [1_000, 700, 400, 200]);
  t.deepEqual(stair(0.1, 0.3, 0.1), [0.1, 0.2, 0.3]);
  t.deepEqual(stair(50, 50, 10), [50]);
});

test('the warm-up is stage 0 at the first rate, and absent for 0s', (t) => {
  t.deepEqual(
    planOf({}).loadProfile.stages.map(({ kind, durationMs }) => [kind, durationMs]),
    [
      ['warm-up', seconds(5)],
      ['hold', seconds(30)],
    ],
  );
  t.deepEqual(rates([{ ramp: [0, 500], for: '5s' }]), [[0, 500]]);
  t.deepEqual(rates([{ hold: 7, for: '5s' }], '1s'), [
    [7, 7],
    [7, 7],
  ]);
});

test("a hold's beginning is cut by a fifth, at least 1 s and at most 5 s; a ramp is taken whole", (t) => {
  t.is(cut({ hold: 10, for: '3s' }), seconds(1));
  t.is(cut({ hold: 10, for: '10s' }), seconds(2));
  t.is(cut({ hold: 10, for: '60s' }), seconds(5));
  t.is(cut({ ramp: [10, 20], for: '60s' }), 0);
});

test('a closed loop has a connection for each user', (t) => {
  const plan = planOf({
    load: {
      users: [
        { users: 5, for: '5s' },
        { users: 20, for: '5s' },
      ],
      thinkTime: '100ms',
    },
  });
  t.like(plan.loadProfile, { kind: 'closed', thinkTimeMs: milliseconds(100) });
  t.deepEqual(
    plan.loadProfile.stages.map((stage) => ('users' in stage ? stage.users : 0)),
    [5, 5, 20],
  );
  t.is(plan.connections.count, 20);
});

test('connections follow the rate within bounds, and say why', (t) => {
  const count = (rate: number): number => planOf({ load: { stages: [{ hold: rate, for: '30s' }] } }).connections.count;
  t.deepEqual([count(1), count(1_000), count(100_000)], [16, 250, 512]);
  t.is(planOf({ load: { stages: [{ hold: 100, for: '30s' }] }, objectives: ['p99<2s'] }).connections.count, 200);
  t.is(planOf({ connections: 7 }).connections.count, 7);
  t.regex(planOf({}).connections.reason, /250 ms/);
  t.is(planOf({ load: { stages: [{ hold: 500_000, for: '30s' }] } }).connections.queueLimit, 1_000_000);
});

test('what is not said has the documented default', (t) => {
  const plan = planOf({});
  t.is(plan.graceMs, seconds(10));
  t.deepEqual(plan.abortRules, {
    errorRatio: percent(50),
    latencyMs: null,
    targetGoneMs: seconds(10),
    latenessMs: seconds(1),
    freeDiskBytes: mebibytes(200),
    windowMs: seconds(5),
  });
  t.deepEqual(plan.headers, { run: 'X-Plimsoll-Run', stage: 'X-Plimsoll-Stage' });
  t.is(planOf({ abort: { errors: false } }).abortRules.errorRatio, null);
  t.is(planOf({ collect: { metrics: '/metrics' } }, { targetIsLocal: false }).collect.process, null);
});

test('what does not hang together is refused, all at once', (t) => {
  t.deepEqual(
    faultsOf({
      target: 'https://127.0.0.1:8443',
      engine: 'autocannon',
      tls: { ca: 'a.pem', key: 'k.pem', insecure: true },
      traffic: {
        endpoints: [
          { path: '/{{idd}}', name: 'a' },
          { path: '/', name: 'a', headers: { Authorization: 'env:ABSENT' } },
        ],
        data: [{ id: '1' }],
      },
      objectives: ['p99<1s', 'p99<1000ms'],
    }).toSorted(),
    [
      'engine',
      'headers of a.Authorization',
      'objectives[1]',
      'tls',
      'tls.certificate',
      'traffic.endpoints[0]',
      'traffic.endpoints[1].name',
    ],
  );
  t.deepEqual(faultsOf({ traffic: { endpoints: [{ path: '/', headers: { Authorization: 'env:TOKEN' } }] } }), []);
});

test('the engine is the cheaper one unless the workload needs k6, and the plan says why', (t) => {
  const engineOf = (change: Partial<Scenario>): readonly [string, string] => {
    const { name, reason } = planOf(change).engine;
    return [name, reason];
  };
  t.deepEqual(engineOf({}), ['autocannon', 'plain HTTP/1.1: the cheaper engine is enough']);
  t.deepEqual(engineOf({ engine: 'k6' }), ['k6', 'as asked for']);
  t.deepEqual(engineOf({ target: 'https://127.0.0.1:8443' }), ['k6', 'https: autocannon cannot verify certificates']);
  t.deepEqual(planOf({ target: 'https://127.0.0.1:8443', tls: { ca: 'ca.pem' } }).connections.tls, {
    caFile: '/srv/orders/ca.pem',
    certificateFile: null,
    keyFile: null,
    insecure: false,
  });
});

test('an objective is of an endpoint that is there, and of the whole process where it can only be that', (t) => {
  t.deepEqual(faultsOf({ objectives: ['GET /menu:p99<1s'] }), []);
  t.deepEqual(faultsOf({ objectives: ['menu:p99<1s', 'GET /menu:rss<1GiB'] }), ['objectives[0]', 'objectives[1]']);
});

const codes = (change: Partial<Scenario>): readonly string[] => planOf(change).warnings.map(({ code }) => code);

test('what the run could mistake for a limit of the service is said before', (t) => {
  const fast: Partial<Scenario> = { load: { stages: [{ hold: 5_000, for: '30s' }] }, objectives: ['p99<200ms'] };
  t.deepEqual(codes(fast), ['connections-may-limit']);
  t.deepEqual(codes({ ...fast, connections: 1_000 }), []);
  t.deepEqual(codes({ ...fast, connections: 2_000 }), ['many-connections']);
  t.deepEqual(codes({ ...fast, connections: 1_000, keepAlive: false }), ['ports-may-run-out']);
  t.deepEqual(codes({ load: { stages: [{ hold: 20, for: '20s' }] }, objectives: ['p90<1s'] }), ['stage-too-short']);
});

const pprofOf = (pprof: string | readonly string[]): Plan['collect']['pprof'] =>
  planOf({ collect: { pprof } }).collect.pprof;

test('profiles may come from several addresses, each once; the first is the one analysed', (t) => {
  t.like(pprofOf('http://a:6060/debug/pprof/'), { url: 'http://a:6060/debug/pprof', furtherUrls: [] });
  t.like(pprofOf(['/debug/pprof', 'http://b:6060/debug/pprof/', 'http://c:6060/debug/pprof']), {
    url: '/debug/pprof',
    furtherUrls: ['http://b:6060/debug/pprof', 'http://c:6060/debug/pprof'],
  });
  t.is(pprofOf([]), null);
  t.deepEqual(faultsOf({ collect: { pprof: ['http://b:1/p', 'http://b:1/p/'] } }), ['collect.pprof']);
  t.deepEqual(faultsOf({ collect: { pprof: ['http://b:1/p', 'b'] } }), ['collect.pprof[1]']);
});

test('a database is named by its variable, which has to be there; its connection string is refused and not repeated', (t) => {
  t.like(planOf({ collect: { postgres: 'env:TOKEN', interval: '2s' } }).collect.postgres, {
    url: 'env:TOKEN',
    intervalMs: seconds(2),
  });
  t.is(planOf({}).collect.postgres, null);
  t.deepEqual(faultsOf({ collect: { postgres: 'env:NOWHERE' } }), ['collect.postgres']);
  const planned = planRun({ ...sound, collect: { postgres: 'postgres://a:secret@b/c' } }, options);
  t.false(planned.ok);
  const reasons = JSON.stringify(planned);
  t.regex(reasons, /collect\.postgres/);
  t.notRegex(reasons, /secret/);
});

test('faults of form come from planRun too', (t) => {
  t.deepEqual(faultsOf({ timeout: '10', seed: 1.5 }), ['seed', 'timeout']);
});

const stage = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 90 }))
    .map(([hold, length]): StageInput => ({ hold, for: `${length}s` })),
  fc
    .tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1_000, max: 60_500 }))
    .map(([from, to, length]): StageInput => ({ ramp: [from, to], for: `${length}ms` })),
  fc
    .tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 }), fc.integer({ min: 90, max: 900 }))
    .map(([from, to, step]): StageInput => ({ stair: { from, to, step }, hold: '2500ms' })),
);
const scenario = fc
  .record({
    stages: fc.array(stage, { minLength: 1, maxLength: 5 }),
    arrivals: fc.constantFrom('even' as const, 'poisson' as const),
    warmUp: fc.constantFrom('0s', '500ms', '5s'),
    profiles: fc.constantFrom('none' as const, 'light' as const, 'full' as const),
  })
  .map(({ profiles, ...load }): Partial<Scenario> => ({
    load,
    collect: { pprof: 'http://127.0.0.1:6060/debug/pprof', profiles },
  }));
const generated = { seed: 41, numRuns: 300 };

test('steady windows lie inside their stages and are never empty', (t) => {
  fc.assert(
    fc.property(scenario, (change) => {
      const { loadProfile, steadyWindows } = planOf(change);
      t.is(steadyWindows.length, loadProfile.stages.length);
      let start = 0;
      for (const [index, { durationMs }] of loadProfile.stages.entries()) {
        const window = steadyWindows[index];
        t.true(window !== undefined && start <= window.fromMs && window.fromMs < window.toMs);
        t.true((window?.toMs ?? Infinity) <= start + durationMs);
        start += durationMs;
      }
    }),
    generated,
  );
});

test('never two profiles at once; CPU inside a steady window; the heap that disturbs comes last', (t) => {
  fc.assert(
    fc.property(scenario, (change) => {
      const { collect, steadyWindows, loadProfile } = planOf(change);
      const captures = (collect.pprof?.captures ?? []).toSorted((a, b) => a.atMs - b.atMs);
      for (const [index, { atMs, durationMs, kind, stage: of, afterGc, label }] of captures.entries()) {
        const next = captures[index + 1];
        if (next !== undefined) t.true(atMs + durationMs < next.atMs || (durationMs === 0 && atMs < next.atMs));
        if (label === 'baseline') t.true(atMs < 0);
        if (afterGc) t.is(next, undefined);
        if (kind !== 'cpu') continue;
        const window = steadyWindows[of ?? -1];
        t.is(loadProfile.stages[of ?? -1]?.kind, 'hold');
        t.true(window !== undefined && window.fromMs <= atMs && atMs + durationMs <= window.toMs);
        t.true(durationMs >= seconds(1) && durationMs <= seconds(30));
      }
    }),
    generated,
  );
});

test('each stage has its own snapshots, taken right after it', (t) => {
  const { collect, loadProfile } = planOf({ collect: { pprof: 'http://127.0.0.1:6060/debug/pprof' } });
  let end = 0;
  for (const [index, { durationMs }] of loadProfile.stages.entries()) {
    end += durationMs;
    const snapshots = (collect.pprof?.captures ?? []).filter(({ stage: of, kind }) => of === index && kind !== 'cpu');
    t.deepEqual(snapshots.map(({ kind }) => kind).toSorted(), ['allocs', 'block', 'goroutine', 'mutex']);
    for (const { atMs } of snapshots) t.true(end <= atMs && atMs < end + seconds(1));
  }
});

test('light profiles leave out mutex, block and the forced heap', (t) => {
  const { collect } = planOf({ collect: { pprof: 'http://127.0.0.1:6060/debug/pprof', profiles: 'light' } });
  const kinds = new Set(collect.pprof?.captures.map(({ kind }) => kind));
  t.deepEqual([...kinds].toSorted(), ['allocs', 'cpu', 'goroutine']);
  t.true(collect.pprof?.captures.every(({ afterGc }) => !afterGc));
});

/** Every value in it, however deep. */
const values = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(values)] : [value];

test('a plan is JSON without a gap: nothing undefined, no function, and the same again for the same scenario', (t) => {
  fc.assert(
    fc.property(scenario, (change) => {
      const plan = planOf(change);
      for (const value of values(plan))
        t.false(value === undefined || typeof value === 'function' || Number.isNaN(value));
      t.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
      t.is(JSON.stringify(planOf(change)), JSON.stringify(plan));
    }),
    generated,
  );
});

test('the plan of a usual scenario is the golden one', (t) => {
  const plan = planOf({
    target: { launch: ['./orders'], directory: 'bin', environment: { GOGC: '100' }, memory: '512MiB', cpus: 1 },
    traffic: {
      endpoints: [
        { path: '/menu', name: 'menu', weight: 3 },
        {
          path: '/groups/{{group}}',
          method: 'post',
          headers: { Authorization: 'env:TOKEN' },
          body: '{}',
          expect: '201',
        },
      ],
      data: [{ group: '1' }, { group: '2' }],
    },
    load: { arrivals: 'poisson', stages: [{ stair: { from: 100, to: 250, step: 100 }, hold: '20s' }] },
    objectives: ['p99<200ms', 'menu:errors<0.1%'],
    collect: { metrics: '/metrics', pprof: '/debug/pprof', adminHeaders: { Authorization: 'env:TOKEN' } },
  });
  const golden = new URL('../fixtures/golden/plan.json', import.meta.url);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(golden, `${JSON.stringify(plan, null, 2)}\n`);
  t.deepEqual(JSON.parse(JSON.stringify(plan)), JSON.parse(readFileSync(golden, 'utf8')));
});
