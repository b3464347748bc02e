import test from 'ava';
import { analyze } from '../../analysis/analyze.ts';
import { type RunDescription, type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Objective } from '../../model/objective.ts';
import { milliseconds, percent } from '../../model/units.ts';
import type { TestCase } from '../render/to-junit.ts';
import { runSuite } from './verdict-suite.ts';

const p90: Objective = {
  kind: 'latency-quantile',
  endpoint: null,
  comparison: '<',
  quantile: 0.9,
  limitMs: milliseconds(50),
};
const errors: Objective = { kind: 'errors', endpoint: null, comparison: '<', limit: percent(5) };

const good = (rate: number): StageDescription => ({
  rate,
  seconds: 10,
  latencyMs: (random) => 5 + random.exponential(),
});
const slow = (rate: number): StageDescription => ({ ...good(rate), latencyMs: () => 90 });
const invalid = (rate: number): StageDescription => ({ ...good(rate), dropped: 0.05, health: { inFlightMax: 10 } });

function judged(description: RunDescription) {
  const { plan, ...record } = buildRunRecord(description);
  const analysis = analyze({ ...record, plan });
  return { verdict: analysis.verdict.status, suite: runSuite(analysis, plan) };
}
const statuses = (cases: readonly TestCase[]): Readonly<Record<string, string>> =>
  Object.fromEntries(cases.map(({ name, status }) => [name, status]));

test('each objective is a test: met on every stage, or missed on one, with what was measured', (t) => {
  const held = judged({ stages: [good(200), good(400)], objectives: [p90, errors] });
  t.is(held.verdict, 'pass');
  t.deepEqual(statuses(held.suite.cases), { 'p90<50ms': 'pass', 'errors<5%': 'pass' });

  const missed = judged({ stages: [good(200), slow(1400)], objectives: [p90, errors] });
  t.is(missed.verdict, 'fail');
  t.deepEqual(statuses(missed.suite.cases), { 'p90<50ms': 'fail', 'errors<5%': 'pass' });
  const [first] = missed.suite.cases;
  t.is(first?.message, 'p90<50ms was missed at 1,400/s');
  t.regex(
    first?.lines.join('\n') ?? '',
    /^stage 0 \(200\/s\): pass, .* ms \(.*\)\nstage 1 \(1,400\/s\): fail, 90\.\d ms/,
  );
});

test('invalid and missing evidence is an error, never a pass', (t) => {
  const doubtful = judged({ stages: [good(200), invalid(400)], objectives: [p90] });
  t.is(doubtful.verdict, 'inconclusive');
  t.deepEqual(statuses(doubtful.suite.cases), { 'p90<50ms': 'unknown' });
  t.regex(doubtful.suite.cases[0]?.message ?? '', /^stage 1 \(400\/s\) is invalid: /);

  const memory: Objective = { kind: 'gc-cpu', endpoint: null, comparison: '<', limit: percent(10) };
  t.deepEqual(statuses(judged({ stages: [good(200)], objectives: [p90, memory] }).suite.cases), {
    'p90<50ms': 'pass',
    'gc-cpu<10%': 'unknown',
  });
  const both = judged({ stages: [invalid(200), slow(400)], objectives: [p90] });
  t.deepEqual(statuses(both.suite.cases), { 'p90<50ms': 'fail' }, 'what was seen on a valid stage is seen');
});

test('a run that ended early, that never began or that was asked nothing never passes', (t) => {
  const aborted = judged({
    stages: [good(200), good(400)],
    objectives: [p90],
    endedAfterSeconds: 10,
    outcome: { status: 'aborted', phase: 'load', code: 'interrupted', reason: 'interrupted by Ctrl-C' },
  });
  t.deepEqual(statuses(aborted.suite.cases), { 'p90<50ms': 'unknown', 'the run ends as planned': 'unknown' });
  const never = judged({
    stages: [good(200)],
    objectives: [p90],
    withoutTraffic: true,
    outcome: { status: 'failed', phase: 'target', reason: 'it did not start', hint: '' },
  });
  t.true(never.suite.cases.every(({ status }) => status === 'unknown'));
  const nothing = judged({ stages: [good(200)] });
  t.deepEqual(statuses(nothing.suite.cases), { objectives: 'not-asked' });
});

test('the tests say what the verdict says, whatever the stages', (t) => {
  const kinds = [good, slow, invalid, (rate: number) => ({ ...good(rate), shed: 0.2 })];
  for (const one of kinds)
    for (const other of kinds) {
      const { verdict, suite } = judged({ stages: [one(200), other(400)], objectives: [p90, errors] });
      const all = suite.cases.map(({ status }) => status);
      const said = all.includes('fail') ? 'fail' : all.every((status) => status === 'pass') ? 'pass' : 'inconclusive';
      t.is(said, verdict);
    }
});
