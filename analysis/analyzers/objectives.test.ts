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
  t.like(judge(p99(50), { rate: 10 }), { status: 'inconclusive', measured: null });
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
