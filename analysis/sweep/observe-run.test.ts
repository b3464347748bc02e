import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { milliseconds, perSecond } from '../../model/units.ts';
import { observeRun } from './observe-run.ts';

const objective = {
  kind: 'latency-quantile',
  endpoint: null,
  comparison: '<',
  quantile: 0.99,
  limitMs: milliseconds(50),
} as const;
const stages = [
  { rate: 50, seconds: 3, kind: 'warm-up' },
  { rate: 100, seconds: 10, latencyMs: () => 10 },
  { rate: 200, seconds: 10, latencyMs: () => 80, failures: { 'connection-reset': 0.1 } },
] as const;

test('every hold stage is kept with its load, its figures and whether it held; the warm-up is not', (t) => {
  const { outcome, stages: seen } = observeRun(buildRunRecord({ stages, objectives: [objective] }), null);
  t.deepEqual(outcome, { status: 'completed', reason: '' });
  t.deepEqual(
    seen.map(({ validity, observed }) => [observed.index, observed.load, validity.status, observed.objectives]),
    [
      [1, 100, 'valid', { met: 1, missed: 0, undecided: 0 }],
      [2, 200, 'valid', { met: 0, missed: 1, undecided: 0 }],
    ],
  );
  const [first, second] = seen.map(({ observed }) => observed);
  t.is(first?.offeredPerSecond?.estimate, 100);
  t.is(first?.offeredPerSecond?.low, null, 'one run has no spread');
  t.is(first?.errorShare?.estimate, 0);
  t.is(second?.errorShare?.estimate, 0.1);
  t.true(Math.abs((second?.responseTimeMs['0.99']?.estimate ?? 0) - 80) < 1);
  t.not(second?.responseTimeMs['0.99']?.low ?? null, null, 'a quantile has an interval within its run');
  t.is(first?.rssPeakBytes, null, 'nothing of the target was collected');
});

test('without objectives none is held, and without traffic there is nothing but the reason', (t) => {
  t.is(observeRun(buildRunRecord({ stages }), null).stages[0]?.observed.objectives, null);
  const reason = 'the target ended: killed by SIGKILL';
  const dead = buildRunRecord({
    stages,
    withoutTraffic: true,
    outcome: { status: 'failed', phase: 'target', reason, hint: '' },
    target: { gogc: '50', goVersion: null },
  });
  const { outcome, stages: none, environment } = observeRun(dead, null);
  t.deepEqual(outcome, { status: 'failed', reason });
  t.deepEqual(none, []);
  t.like(environment, { GOGC: '50', 'Go version': null });
});

test('a stage that was not reached is not valid; the target’s figures come with their doubts', (t) => {
  const target = { gcCyclesPerSecond: 1, gcCpuShare: 0.05, rssBytes: 100_000_000, heapGoalBytes: 4_000_000 };
  const { stages: seen } = observeRun(
    buildRunRecord({
      stages: [
        { rate: 100, seconds: 10, target },
        { rate: 200, seconds: 10, target },
      ],
      endedAfterSeconds: 12,
    }),
    null,
  );
  t.deepEqual(
    seen.map(({ validity }) => validity.status),
    ['valid', 'invalid'],
  );
  t.true((seen[1]?.validity.reasons.length ?? 0) > 0);
  const first = seen[0]?.observed;
  t.is(first?.rssPeakBytes?.estimate, 100_000_000);
  t.is(first?.heapGoalBytes?.estimate, 4_000_000);
  t.true(Math.abs((first?.gcCyclesPerSecond?.estimate ?? 0) - 1) < 0.01);
  t.true(Math.abs((first?.gcCpuShare?.estimate ?? 0) - 0.05) < 0.001);
  t.true(first?.warnings.includes('few-gc-cycles'));
});

test('the pool that a sweep looks at is read at the highest load, by its name where there are several', (t) => {
  const pool = { maxOpen: 8, inUse: 6, waitsPerSecond: 20, waitMsPerRequest: 2 };
  const record = buildRunRecord({
    stages: [
      { rate: 100, seconds: 30, target: { pool: { ...pool, inUse: 3 } } },
      { rate: 200, seconds: 30, target: { pool } },
    ],
  });
  const watched = { name: null, limit: milliseconds(5), perRequest: 1 };
  const seen = observeRun(record, watched).pool;
  t.is(seen?.offered, perSecond(200));
  t.true(Math.abs((seen?.inUse?.estimate ?? 0) - 6) < 0.01, `${seen?.inUse?.estimate}`);
  t.true(Math.abs((seen?.wait?.estimate ?? 0) - 2) < 0.1, `${seen?.wait?.estimate}`);
  t.is(observeRun(record, { ...watched, name: 'another' }).pool, null);
  t.is(observeRun(record, null).pool, null, 'a grid looks at none');
});
