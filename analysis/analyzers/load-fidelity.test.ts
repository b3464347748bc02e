import test from 'ava';
import { type RunDescription, type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { captured } from '../../model/measurements.ts';
import type { AbortCode } from '../../model/run-record.ts';
import { epochMilliseconds, milliseconds } from '../../model/units.ts';
import { decodeTraffic } from '../traffic/decode-traffic.ts';
import { answerOf } from './analyzer.ts';
import { latenessLimit, loadFidelity } from './load-fidelity.ts';
import type { StageValidity } from './stage-validity.ts';

function validityOf(
  stage: Partial<StageDescription>,
  run: Partial<RunDescription> = {},
  restarts: readonly number[] = [],
): StageValidity {
  const record = buildRunRecord({ stages: [{ rate: 200, seconds: 5, ...stage }], ...run });
  if (record.traffic.status !== 'captured') throw new Error('no traffic');
  const answer = answerOf(
    loadFidelity.ask({
      plan: captured(record.plan),
      traffic: captured(decodeTraffic(record.traffic.value, record.plan)),
      outcome: captured(record.outcome),
      restarts: captured({
        severalInstances: false,
        restarts: restarts.map((offset) => ({
          after: epochMilliseconds(record.startedAt + offset - 1000),
          at: epochMilliseconds(record.startedAt + offset),
          source: '',
          evidence: [],
        })),
      }),
    }),
  );
  return answer?.[0] ?? { status: 'invalid', reasons: [] };
}

test('a stage that the generator drove as planned is valid', (t) => {
  t.deepEqual(validityOf({}), { status: 'valid', reasons: [] });
  t.deepEqual(validityOf({}, { arrivals: 'poisson' }), { status: 'valid', reasons: [] });
  t.deepEqual(validityOf({ kind: 'warm-up' }), { status: 'excluded', reasons: ['warm-up'] });
});

test('lateness leaves a stage valid, with its reason: objectives allow for it', (t) => {
  t.deepEqual(validityOf({ latenessMs: () => 4 }), { status: 'valid', reasons: ['generator-late'] });
  t.deepEqual(validityOf({ health: { cpuMs: milliseconds(810) } }), { status: 'valid', reasons: ['generator-busy'] });
  t.deepEqual(validityOf({ health: { stallMaxMs: milliseconds(12) } }), {
    status: 'valid',
    reasons: ['generator-stalled'],
  });
});

test('a generator that did not do what was planned makes a stage invalid, each fault with its reason', (t) => {
  t.is(validityOf({ health: { waitedForConnection: 20, inFlightMax: 63 } }).status, 'invalid');
  t.deepEqual(validityOf({ health: { waitedForConnection: 20, inFlightMax: 63 } }).reasons, [
    'generator-idle-connections',
  ]);
  t.deepEqual(validityOf({ dropped: 0.01, health: { inFlightMax: 63 } }).reasons, ['generator-idle-connections']);
});

test('where all connections were busy the target made requests wait: valid', (t) => {
  t.deepEqual(
    validityOf({ dropped: 0.4, health: { inFlightMax: 64, waitedForConnection: 100, queueLengthMax: 64 } }).reasons,
    [],
  );
});

test('a load that ended early leaves the rest invalid', (t) => {
  t.deepEqual(validityOf({}, { endedAfterSeconds: 0 }).reasons, ['stage-not-reached', 'no-traffic']);
  t.deepEqual(validityOf({}, { endedAfterSeconds: 3 }).reasons, ['stage-incomplete']);
  t.deepEqual(validityOf({}, { complete: false }).reasons, ['generator-incomplete']);
});

const aborted = (code: AbortCode): Partial<RunDescription> => ({
  endedAfterSeconds: 3,
  outcome: { status: 'aborted', phase: 'load', code, reason: '' },
});

test('what ended the load is why a stage is incomplete, not the lateness seen on the way', (t) => {
  const late = { latenessMs: () => 40, health: { stallMaxMs: milliseconds(900) } };
  for (const code of ['interrupted', 'target-gone', 'error-ratio'] as const)
    t.deepEqual(validityOf(late, aborted(code)).reasons, ['stage-incomplete'], code);
  t.deepEqual(validityOf(late, aborted('generator-late')).reasons, [
    'stage-incomplete',
    'generator-late',
    'generator-stalled',
  ]);
});

test('a restart of the target inside the stage makes it invalid, one before it does not', (t) => {
  t.deepEqual(validityOf({}, {}, [2_500]).reasons, ['target-restarted']);
  t.deepEqual(validityOf({}, {}, [-10]).reasons, []);
});

test('books that don’t balance, and a generator that says nothing of itself', (t) => {
  const record = buildRunRecord({ stages: [{ rate: 200, seconds: 5 }] });
  if (record.traffic.status !== 'captured') throw new Error('no traffic');
  const { value } = record.traffic;
  const reasons = (measurement: typeof value): readonly string[] =>
    answerOf(
      loadFidelity.ask({ plan: captured(record.plan), traffic: captured(decodeTraffic(measurement, record.plan)) }),
    )?.[0]?.reasons ?? [];
  t.deepEqual(reasons({ ...value, health: [] }), ['generator-health-missing']);
  const [, ...fewer] = value.cells;
  t.deepEqual(reasons({ ...value, cells: fewer }), ['books-unbalanced']);
  const counts = value.counts.map((count) => ({ ...count, sent: count.sent - 10 }));
  t.deepEqual(reasons({ ...value, counts }), ['requests-not-sent']);
});

function limitFor(limitMs: number): number {
  return latenessLimit(
    buildRunRecord({
      stages: [],
      objectives: [
        { kind: 'latency-quantile', quantile: 0.99, limitMs: milliseconds(limitMs), endpoint: null, comparison: '<' },
      ],
    }).plan,
  );
}

test('the limit of lateness is a tenth of the tightest latency objective, 2 ms at least', (t) => {
  t.is(limitFor(5), 2);
  t.is(limitFor(25), 2.5);
  t.is(limitFor(200), 20);
  t.is(Number(latenessLimit(buildRunRecord({ stages: [] }).plan)), 3);
});
