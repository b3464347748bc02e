import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { after, bytes, milliseconds, seconds } from '../../model/units.ts';
import { analyze } from '../analyze.ts';
import { type TrialRecord, joinRuns } from './join-runs.ts';

const objectives = [
  { kind: 'latency-quantile', endpoint: null, comparison: '<', quantile: 0.99, limitMs: milliseconds(50) },
] as const;

function trial(rate: number, latency: number, target = 0): TrialRecord {
  const record = buildRunRecord({
    stages: [
      { rate, seconds: 2, kind: 'warm-up', latencyMs: () => latency },
      { rate, seconds: 8, latencyMs: () => latency },
    ],
    objectives,
    scrapes: (startedAt) =>
      [0, 5, 9.9995, 30].map((second) => ({
        collector: 'process',
        source: '/proc/1',
        at: after(startedAt, seconds(second)),
        durationMs: milliseconds(1),
        bytes: bytes(2),
        contentType: null,
        body: '{}',
        error: null,
      })),
  });
  // Trials do not begin at once after one another.
  const pause = seconds(3600);
  const moved =
    record.traffic.status === 'captured' && target > 0 ? after(record.traffic.value.startedAt, pause) : null;
  return moved === null || record.traffic.status !== 'captured'
    ? { record, target }
    : {
        record: { ...record, traffic: { ...record.traffic, value: { ...record.traffic.value, startedAt: moved } } },
        target,
      };
}

test('trials become stages of one run, judged as each by itself', (t) => {
  const trials = [trial(100, 10), trial(400, 80), trial(200, 20)] as const;
  const joined = analyze(joinRuns(trials));
  const single = trials.flatMap(({ record }) => analyze(record).stages);
  t.is(joined.stages.length, 6);
  for (const [index, stage] of joined.stages.entries()) {
    const alone = single[index];
    t.is(stage.index, index);
    for (const key of ['kind', 'due', 'done', 'sent', 'held', 'offeredPerSecond'] as const)
      t.is<unknown, unknown>(stage[key], alone?.[key]);
    t.deepEqual(stage.validity, alone?.validity);
    t.deepEqual(stage.responseTimeMs, alone?.responseTimeMs);
  }
  t.deepEqual(
    joined.stages.filter(({ kind }) => kind === 'hold').map(({ held }) => held),
    [true, false, true],
  );
  t.is(new Set(joined.stages.map(({ name }) => name)).size, 6, 'every stage has a name of its own');
});

test('readings move with their trial; those of pauses and of further processes are left out', (t) => {
  const [first, second] = [trial(100, 10), trial(200, 10)];
  const startedAt = first.record.traffic.status === 'captured' ? first.record.traffic.value.startedAt : 0;
  const offsets = (trials: readonly [TrialRecord, ...TrialRecord[]]): number[] =>
    joinRuns(trials)
      .scrapes.map(({ at }) => at - startedAt)
      .toSorted((left, right) => left - right);
  t.deepEqual(offsets([first, second]), [0, 5, 10, 15].map(seconds));
  t.deepEqual(offsets([first, trial(200, 10, 1)]), [0, 5].map(seconds));
  t.is(analyze(joinRuns([first, trial(200, 10, 1)])).stages[3]?.validity.status, 'valid');
});
