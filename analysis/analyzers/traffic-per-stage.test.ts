import test from 'ava';
import * as fc from 'fast-check';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { perSecond } from '../../model/units.ts';
import { type RunRecord } from '../../model/run-record.ts';
import { analyze } from '../analyze.ts';

const share = fc.double({ min: 0, max: 0.3, noNaN: true });
const stage = fc.record({
  rate: fc.integer({ min: 1, max: 60 }),
  seconds: fc.integer({ min: 1, max: 4 }),
  shed: share,
  dropped: share,
  inFlight: share,
  failures: fc.record({ timeout: share, 'connection-refused': share }),
});

test('due = done + failed + shed + dropped + in flight, for every stage and over its endpoints', (t) => {
  fc.assert(
    fc.property(
      fc.array(stage, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('even', 'poisson'),
      (stages, arrivals) => {
        const record = buildRunRecord({ stages, arrivals, endpoints: { a: 2, b: 1 } });
        const analysis = analyze(record);
        return analysis.stages.every((seen) => {
          const failures = Object.values(seen.failures).reduce((sum, count) => sum + count, 0);
          const endpoints = seen.endpoints.reduce((sum, { due }) => sum + due, 0);
          const { due, done, failed, shed, dropped, inFlightAtEnd, sent } = seen;
          return (
            due === done + failed + shed + dropped + inFlightAtEnd &&
            failed === failures &&
            endpoints === due &&
            sent <= due
          );
        });
      },
    ),
    { seed: 21, numRuns: 40 },
  );
  t.pass();
});

function figures(record: RunRecord): unknown {
  return analyze(record).stages.map((one) => ({
    ...one,
    endpoints: one.endpoints.toSorted((left, right) => left.name.localeCompare(right.name)),
  }));
}

test('figures do not depend on how the lines are cut or ordered', (t) => {
  const record = buildRunRecord({
    stages: [
      { rate: 90, seconds: 4 },
      { rate: 120, seconds: 4 },
    ],
    endpoints: { a: 1, b: 1 },
  });
  if (record.traffic.status !== 'captured') throw new Error('no traffic');
  const { value } = record.traffic;
  const shuffled: RunRecord = {
    ...record,
    traffic: {
      status: 'captured',
      value: {
        ...value,
        cells: value.cells.toReversed(),
        // Each count told in two lines.
        counts: value.counts.flatMap((count) => [
          { ...count, due: count.due - 1, sent: 0 },
          { ...count, due: 1, sent: count.sent },
        ]),
      },
    },
  };
  t.deepEqual(figures(shuffled), figures(record));
});

test('rates are due and done over the stage’s duration; the warm-up is counted and not judged', (t) => {
  const { stages } = analyze(
    buildRunRecord({
      stages: [
        { kind: 'warm-up', rate: 50, seconds: 2 },
        { rate: 100, seconds: 5, shed: 0.1 },
      ],
    }),
  );
  t.like(stages[0], { kind: 'warm-up', due: 100, offeredPerSecond: 50, held: null });
  t.is(stages[0]?.validity.status, 'excluded');
  t.like(stages[1], { due: 500, shed: 50, done: 450, offeredPerSecond: 100, achievedPerSecond: 90 });
});

test('status codes add up to the answers that had them, per stage and endpoint', (t) => {
  const plain = { rate: 100, seconds: 5 };
  const seen = analyze(
    buildRunRecord({
      stages: [{ ...plain, statuses: { '401': 0.2, '503': 0.1 } }, plain, { ...plain, shed: 0.1 }],
      endpoints: { a: 1, b: 1 },
    }),
  ).stages;
  t.deepEqual(seen[0]?.statuses, { '401': 100, '503': 50 });
  t.like(seen[0], { failed: 100, shed: 50 });
  t.deepEqual(
    seen[0]?.endpoints.map(({ statuses }) => statuses),
    [
      { '401': 50, '503': 25 },
      { '401': 50, '503': 25 },
    ],
  );
  t.deepEqual(seen[1]?.statuses, {}, 'known: none');
  t.is(seen[2]?.statuses, null, 'the generator did not say');
});

test('of a stage that ended before its window nothing is known of what was completed', (t) => {
  const { stages, capacity } = analyze(
    buildRunRecord({
      stages: [
        { rate: 50, seconds: 4, settling: 2 },
        { rate: 100, seconds: 9, settling: 3 },
        { rate: 150, seconds: 9 },
      ],
      endedAfterSeconds: 6,
    }),
  );
  t.deepEqual(
    stages.map(({ completedPerSecond }) => completedPerSecond),
    [perSecond(50), null, null],
  );
  t.is(capacity.saturationPerSecond?.low, 50);
});

test('quantiles are of the steady window and lie in their intervals', (t) => {
  const { stages, warnings } = analyze(
    buildRunRecord({
      stages: [
        { rate: 500, seconds: 12, settling: 2, latencyMs: (random, second) => (second < 2 ? 900 : 10 + random.next()) },
      ],
    }),
  );
  const p99 = stages[0]?.responseTimeMs['0.99'];
  t.true((p99?.estimate ?? 0) > 10 && (p99?.estimate ?? 0) < 11.1);
  t.true((p99?.low ?? 0) <= (p99?.estimate ?? 0) && (p99?.estimate ?? 0) <= (p99?.high ?? 0));
  t.true((stages[0]?.responseTimeMs.max ?? 0) < 12);
  t.is(stages[0]?.responseTimeMs['0.999'], null);
  t.true(warnings.some(({ code, stage: index }) => code === 'too-few-exceedances' && index === 0));
});

test('a damaged histogram loses its times, not its requests', (t) => {
  const record = buildRunRecord({ stages: [{ rate: 100, seconds: 3 }] });
  if (record.traffic.status !== 'captured') throw new Error('no traffic');
  const [first, ...rest] = record.traffic.value.cells;
  if (first === undefined) throw new Error('no cell');
  const damaged = {
    ...record,
    traffic: {
      ...record.traffic,
      value: { ...record.traffic.value, cells: [{ ...first, responseTime: 'HISTFAAAA' }, ...rest] },
    },
  };
  const analysis = analyze(damaged);
  t.is(analysis.stages[0]?.done, 300);
  t.true(analysis.warnings.some(({ code }) => code === 'histogram-unreadable'));
  t.true(analysis.warnings.some(({ code }) => code === 'requests-untimed'));
});

test('the timeline has a point for each second', (t) => {
  const { detail } = analyze(
    buildRunRecord({
      stages: [
        { rate: 40, seconds: 3 },
        { rate: 80, seconds: 2 },
      ],
    }),
  );
  t.deepEqual(
    detail.timeline.map(({ second, stage: index, due }) => [second, index, due]),
    [
      [0, 0, 40],
      [1, 0, 40],
      [2, 0, 40],
      [3, 1, 80],
      [4, 1, 80],
    ],
  );
});
