import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { ObjectiveResult } from '../../model/finding.ts';
import type { Objective } from '../../model/objective.ts';
import { milliseconds, perSecond, percent } from '../../model/units.ts';
import { analyze } from '../analyze.ts';
import { decide } from './decide.ts';

function judge(objective: Objective, stage: Partial<StageDescription> = {}): ObjectiveResult {
  const record = buildRunRecord({
    objectives: [objective],
    stages: [{ rate: 400, seconds: 11, latencyMs: () => 20, ...stage }],
  });
  const [result] = analyze(record).verdict.objectives;
  if (result === undefined) throw new Error('not judged');
  return result;
}

const everywhere = { endpoint: null } as const;

function p99(limit: number): Objective {
  return {
    ...everywhere,
    kind: 'latency-quantile',
    quantile: 0.99,
    limitMs: milliseconds(limit),
    comparison: '<',
  };
}

test('a quantile passes, misses, or straddles its limit', (t) => {
  t.like(judge(p99(200)), { objective: 'p99<200ms', status: 'pass', stage: 0, reason: null });
  t.like(judge(p99(10)), { status: 'fail' });
  const noisy = judge(p99(46), { latencyMs: (random) => random.exponential() * 10 });
  t.is(noisy.status, 'inconclusive');
  t.true((noisy.measured?.low ?? 0) < 46 && (noisy.measured?.high ?? 0) >= 46);
});

test('where a quantile has too few requests beyond it, the share beyond the limit decides', (t) => {
  t.like(judge(p99(50), { rate: 60 }), { status: 'pass', measured: null });
  const few = judge(p99(50), { rate: 10 });
  t.like(few, { status: 'inconclusive', measured: null });
  t.regex(few.reason ?? '', /does not decide$/, 'what is undecided is not called decided');
  t.like(judge(p99(50), { rate: 60, latencyMs: (random) => (random.next() < 0.3 ? 80 : 10) }), {
    status: 'fail',
    measured: null,
  });
});

test('errors count failed, dropped and in flight over due; shed has its own', (t) => {
  const errors: Objective = { ...everywhere, kind: 'errors', limit: percent(1), comparison: '<' };
  const ends = { failures: { timeout: 0.01, 'connection-reset': 0.01 }, dropped: 0.01, inFlight: 0.01, shed: 0.05 };
  const busy = { inFlightMax: 64 };
  const seen = judge(errors, { ...ends, health: busy });
  t.is(seen.status, 'fail');
  t.true(Math.abs((seen.measured?.estimate ?? 0) - 0.04) < 1e-9);
  const shed = judge({ ...everywhere, kind: 'shed', limit: percent(1), comparison: '<' }, { ...ends, health: busy });
  t.true(Math.abs((shed.measured?.estimate ?? 0) - 0.05) < 1e-9);
  t.is(judge(errors).status, 'pass');
});

test('no error among few requests is not yet an error ratio below a thousandth', (t) => {
  const seen = judge({ ...everywhere, kind: 'errors', limit: percent(0.1), comparison: '<' }, { rate: 100 });
  t.is(seen.status, 'inconclusive');
  t.regex(seen.reason ?? '', /3840 requests/);
});

test('within counts late and lost requests alike', (t) => {
  const within: Objective = {
    ...everywhere,
    kind: 'within',
    durationMs: milliseconds(100),
    limit: percent(95),
    comparison: '>=',
  };
  t.like(judge(within), { objective: 'within(100ms)>=95%', status: 'pass' });
  const lost = judge(within, { dropped: 0.1, health: { inFlightMax: 64 } });
  t.is(lost.status, 'fail');
  t.true(Math.abs((lost.measured?.estimate ?? 0) - 0.9) < 1e-9);
});

test('throughput is done per second of the stage', (t) => {
  const seen = judge({ ...everywhere, kind: 'throughput', limitPerSecond: perSecond(400), comparison: '>=' });
  t.like(seen, { objective: 'throughput>=400/s', status: 'pass' });
  t.is(seen.measured?.estimate, 400);
  t.is(judge({ ...everywhere, kind: 'throughput', limitPerSecond: perSecond(500), comparison: '>=' }).status, 'fail');
});

test('what was not measured is inconclusive, with the reason', (t) => {
  t.like(judge({ ...everywhere, kind: 'goroutines', limit: 100, comparison: '<' }), {
    status: 'inconclusive',
    measured: null,
  });
  const unknown = judge({ endpoint: 'nowhere', kind: 'errors', limit: percent(1), comparison: '<' });
  t.is(unknown.status, 'inconclusive');
  t.regex(unknown.reason ?? '', /nowhere/);
});

test('the rule: whole interval meets, misses, or straddles', (t) => {
  t.is(decide({ low: 1, high: 2 }, '<', 3), 'pass');
  t.is(decide({ low: 1, high: 3 }, '<', 3), 'inconclusive');
  t.is(decide({ low: 1, high: 3 }, '<=', 3), 'pass');
  t.is(decide({ low: 3, high: 3 }, '<', 3), 'fail');
  t.is(decide({ low: 1, high: 2 }, '>', 2), 'fail');
  t.is(decide({ low: 2, high: 3 }, '>=', 2), 'pass');
});

test('while a queue grows, what misses is a miss although the batches differ widely', (t) => {
  // A tenth more than can be done comes in: each second waits 100 ms longer than the one before.
  const seen = judge(p99(500), { seconds: 12, latencyMs: (_, second) => 20 + 110 * second });
  t.is(seen.status, 'fail');
  t.regex(seen.reason ?? '', /queue grew/);
  t.true((seen.measured?.low ?? Infinity) < 500);
});

test('a service that sheds is not held by objectives that say nothing of shedding', (t) => {
  const errors: Objective = { ...everywhere, kind: 'errors', limit: percent(1), comparison: '<' };
  const stages = [{ rate: 400, seconds: 11, latencyMs: () => 20, shed: 0.9 }];
  const silent = analyze(buildRunRecord({ objectives: [errors], stages }));
  t.is(silent.verdict.status, 'inconclusive');
  t.is(silent.capacity.waterLevelPerSecond, null);
  t.is(silent.stages[0]?.held, null);
  const shed: Objective = { ...everywhere, kind: 'shed', limit: percent(95), comparison: '<' };
  t.is(analyze(buildRunRecord({ objectives: [errors, shed], stages })).verdict.status, 'pass');
});

test('answers that come long after their stage are no throughput of it, and it did not keep up', (t) => {
  const throughput: Objective = {
    ...everywhere,
    kind: 'throughput',
    limitPerSecond: perSecond(390),
    comparison: '>=',
  };
  // Requests of second s are answered s/2 seconds late: a server that can do two thirds of what is asked.
  const late = { rate: 400, seconds: 12, latencyMs: (_: unknown, second: number) => second * 500 };
  const { stages, capacity, verdict } = analyze(buildRunRecord({ objectives: [throughput], stages: [late] }));
  t.is(stages[0]?.done, stages[0]?.due, 'all were answered in the end');
  t.true((stages[0]?.completedPerSecond ?? 400) < 300);
  t.is(verdict.status, 'fail');
  t.is(capacity.saturationPerSecond, null, 'the lowest level did not keep up');
});

test('a late generator leaves decided what it cannot have changed', (t) => {
  // Held up by 9 ms when sent, and perhaps again when read.
  const late: Partial<StageDescription> = { latenessMs: () => 9, seconds: 14 };
  const at = (latency: number): Partial<StageDescription> => ({ ...late, latencyMs: () => latency });
  t.is(judge(p99(50), at(30)).status, 'pass', 'response times hold the lateness already');
  t.is(judge(p99(50), at(3000)).status, 'fail', 'many times the limit');
  t.is(judge(p99(50), at(70)).status, 'fail', '70 − 2 × 9 is still above 50');
  const near = judge(p99(50), at(60));
  t.is(near.status, 'inconclusive');
  t.regex(near.reason ?? '', /the generator was late, which may have added 18 ms/);
  t.is(near.measured?.estimate.toFixed(0), '60', 'what was measured is said all the same');
  t.is(judge(p99(50), { ...at(60), latenessMs: () => 1 }).status, 'fail', 'the same with a punctual generator');
});

test('one long stall does not touch the quantiles that it cannot have moved', (t) => {
  // A hundredth of the requests was half a second late: a p50 does not see it, a p99 may be made of it.
  const stalled: Partial<StageDescription> = {
    seconds: 14,
    latenessMs: (random) => (random.next() < 0.01 ? 500 : 0.2),
    latencyMs: (random) => 60 + random.next() + (random.next() < 0.01 ? 500 : 0),
    health: { stallMaxMs: milliseconds(100) },
  };
  const p50: Objective = { ...p99(50), kind: 'latency-quantile', quantile: 0.5, limitMs: milliseconds(50) };
  t.is(judge(p50, stalled).status, 'fail');
  t.is(judge(p99(80), stalled).status, 'inconclusive');
});

test('errors and shed requests are decided however late the generator was, `within` as far as it goes', (t) => {
  const late: Partial<StageDescription> = { latenessMs: () => 30, seconds: 14 };
  const errors: Objective = { ...everywhere, kind: 'errors', limit: percent(1), comparison: '<' };
  const lost = { ...late, failures: { timeout: 0.05 }, dropped: 0.2, health: { inFlightMax: 64 } };
  t.is(judge(errors, lost).status, 'fail');
  t.is(judge(errors, late).status, 'pass');
  t.is(judge({ ...errors, kind: 'shed' }, { ...late, shed: 0.2 }).status, 'fail');
  const within: Objective = {
    ...everywhere,
    kind: 'within',
    durationMs: milliseconds(100),
    limit: percent(95),
    comparison: '>=',
  };
  t.is(judge(within, { ...late, latencyMs: () => 90 }).status, 'pass');
  t.is(judge(within, { ...late, latencyMs: () => 120 }).status, 'inconclusive');
  t.is(judge(within, { ...late, latencyMs: () => 300 }).status, 'fail');
});

test('what was dropped behind a stall of the generator is not held against the target', (t) => {
  const errors: Objective = { ...everywhere, kind: 'errors', limit: percent(1), comparison: '<' };
  // 400/s and a queue of 64: what is due in 300 ms does not fit.
  const busy = { dropped: 0.2, latenessMs: () => 30 };
  const seen = judge(errors, { ...busy, health: { inFlightMax: 64, stallMaxMs: milliseconds(300) } });
  t.is(seen.status, 'inconclusive');
  t.regex(seen.reason ?? '', /behind a stall/);
  t.is(judge(errors, { ...busy, health: { inFlightMax: 64, stallMaxMs: milliseconds(100) } }).status, 'fail');
});

test('a load that was not kept is invalid, however clear its figures', (t) => {
  const record = buildRunRecord({ objectives: [p99(50)], stages: [{ rate: 400, seconds: 11, latencyMs: () => 900 }] });
  if (record.traffic.status !== 'captured') throw new Error('no traffic');
  const { value } = record.traffic;
  const counts = value.counts.map((count) => ({ ...count, sent: count.sent - 20 }));
  const { stages, verdict } = analyze({ ...record, traffic: { status: 'captured', value: { ...value, counts } } });
  t.is(stages[0]?.validity.status, 'invalid');
  t.is(verdict.status, 'inconclusive');
});

test('a missed errors objective says which status the answers had', (t) => {
  const errors: Objective = { ...everywhere, kind: 'errors', limit: percent(1), comparison: '<' };
  const record = buildRunRecord({
    objectives: [errors],
    stages: [{ rate: 400, seconds: 11, statuses: { '401': 0.98 } }],
  });
  const { verdict } = analyze(record);
  t.deepEqual(verdict.reasons, ['errors<1% missed at stage 0: 98 % of the answers were 401']);
  t.is(judge(errors, { failures: { timeout: 0.5 }, statuses: { '500': 0.02 } }).reason, null, 'not why it was missed');
});
