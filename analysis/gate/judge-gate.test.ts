import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { GatePolicy, Waiver } from '../../model/gate-policy.ts';
import type { Objective } from '../../model/objective.ts';
import { captured } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds, parseDuration, ratio, seconds } from '../../model/units.ts';
import type { RunSample, StageSample } from '../comparison/run-sample.ts';
import { sampleOfRun } from '../comparison/sample-of-run.ts';
import type { GateRun } from './gate-check.ts';
import { gateRun } from './gate-run.ts';
import { judgeGate } from './judge-gate.ts';

const p99: Objective = {
  kind: 'latency-quantile',
  endpoint: null,
  comparison: '<',
  quantile: 0.99,
  limitMs: milliseconds(200),
};
const within: Objective = {
  kind: 'within',
  endpoint: null,
  comparison: '>=',
  durationMs: milliseconds(100),
  limit: ratio(0.95),
};

const policy: GatePolicy = {
  name: 'nightly',
  evidence: { steadyMs: seconds(60), maxAgeMs: parseDuration('48h'), metrics: true, profiles: ['cpu'] },
  objectives: [
    { id: 'p99<200ms', objective: p99, weight: 1, key: false, line: 3 },
    { id: 'within(100ms)>=95%', objective: within, weight: 1, key: false, line: 4 },
  ],
  relative: [{ id: 'relative p99', metric: 'p99', worseBy: 0.1, stages: null, weight: 1, key: false, line: 6 }],
  reference: { runs: [], paired: false, allowDifferences: [] },
  passShare: ratio(1),
  waivers: [],
};

const target = { cpuMsPerRequest: 0.4, allocBytesPerRequest: 2048, goroutines: 12 };
const record = buildRunRecord({
  stages: [{ rate: 200, seconds: 21, latencyMs: (random) => 10 + random.next(), target }],
  profiles: [
    {
      source: null,
      stage: 0,
      label: 'stage',
      kind: 'cpu',
      startedAt: epochMilliseconds(0),
      durationMs: seconds(5),
      cumulative: false,
      content: captured({ file: 'profiles/0-cpu.pb.gz', bytes: bytes(10) }),
    },
  ],
});
const plain = gateRun(record, sampleOfRun(record), policy);
const now = epochMilliseconds(plain.sample.endedAt + parseDuration('1h'));

const [stage] = plain.sample.stages;
if (stage === undefined) throw new Error('the plain run has a stage');

const scaled = (id: string, factor: number): GateRun => ({
  ...plain,
  sample: {
    ...plain.sample,
    id,
    stages: [{ ...stage, figures: { ...stage.figures, p99: (stage.figures.p99 ?? 0) * factor } }],
  },
});
const arm = (name: string, factors: readonly number[]): readonly GateRun[] =>
  factors.map((factor, at) => scaled(`${name}${at}`, factor));
const quiet = [0.99, 0.995, 1, 1.004, 1.01];
const candidate = arm('c', quiet);
const reference = arm('r', quiet);

const judged = (
  changes: Partial<GatePolicy> = {},
  runs: readonly GateRun[] = candidate,
  against: readonly GateRun[] = reference,
  at = now,
) => judgeGate({ ...policy, ...changes }, runs, against, at);

/** Every run, or the one at an index, with its sample changed. */
const withSample = (
  runs: readonly GateRun[],
  change: (sample: RunSample) => Partial<RunSample>,
  only: number | null = null,
): readonly GateRun[] =>
  runs.map((run, at) =>
    only === null || at === only ? { ...run, sample: { ...run.sample, ...change(run.sample) } } : run,
  );

const withStage =
  (change: Partial<StageSample>) =>
  (sample: RunSample): Partial<RunSample> => ({
    stages: sample.stages.map((each) => ({ ...each, ...change })),
  });

const withResults = (runs: readonly GateRun[], objective: string, change: Partial<GateRun['results'][number]>) =>
  runs.map((run) => ({
    ...run,
    results: run.results.map((result) => (result.objective === objective ? { ...result, ...change } : result)),
  }));

test('complete evidence and every limit kept: a pass', (t) => {
  const { verdict, checks, warnings } = judged();
  t.deepEqual([verdict.status, verdict.score, verdict.reasons], ['pass', 1, []], JSON.stringify(checks, null, 1));
  t.true(checks.every(({ status }) => status === 'pass'));
  t.deepEqual(
    checks.map(({ id }) => id),
    [
      'evidence completed',
      'evidence valid',
      'evidence steady-time',
      'evidence metrics',
      'evidence profiles',
      'evidence age',
      'evidence alike',
      'p99<200ms',
      'within(100ms)>=95%',
      'relative p99',
    ],
  );
  t.deepEqual(warnings, []);
});

const outcomes: readonly RunSample['outcome'][] = [
  { status: 'aborted', phase: 'load', code: 'interrupted', reason: 'Ctrl-C' },
  { status: 'aborted', phase: 'load', code: 'error-ratio', reason: 'errors' },
  { status: 'failed', phase: 'target', reason: 'not ready', hint: '' },
];
const unlike = ['cpu-model', 'kernel', 'processors', 'machine-memory', 'tool-node'] as const;
const noFigures = { errors: null, shed: null, throughput: null, p50: null, p90: null, p99: null, 'p99.9': null };

/** Evidence that lacks something: which arm it is in, and which of its runs (null: all). */
const lacking: readonly { readonly name: string; readonly change: (sample: RunSample) => Partial<RunSample> }[] = [
  ...outcomes.map((outcome) => ({
    name: outcome.status === 'completed' ? 'whole' : `${outcome.status} by ${outcome.reason}`,
    change: () => ({ outcome }),
  })),
  { name: 'no stage', change: () => ({ stages: [] }) },
  { name: 'no hold stage planned', change: () => ({ plannedHolds: [], stages: [] }) },
  { name: 'a stage that was not measured', change: () => ({ plannedHolds: [0, 1] }) },
  { name: 'an invalid stage', change: withStage({ validity: { status: 'invalid', reasons: ['generator-late'] } }) },
  { name: 'no request due', change: withStage({ errors: { hits: 0, trials: 0 } }) },
  { name: 'no metrics', change: () => ({ metricReadings: 0 }) },
  { name: 'metrics, but none in the stage', change: withStage({ targetSeen: false }) },
  { name: 'no profiles', change: () => ({ profiles: [] }) },
  { name: 'other profiles', change: () => ({ profiles: ['heap'] }) },
  { name: 'old', change: ({ endedAt }) => ({ endedAt: epochMilliseconds(endedAt - parseDuration('48h')) }) },
  { name: 'of the future', change: ({ endedAt }) => ({ endedAt: epochMilliseconds(endedAt + parseDuration('2h')) }) },
  ...unlike.map((field) => ({
    name: `another ${field}`,
    change: ({ environment }: RunSample) => ({ environment: { ...environment, [field]: 'other' } }),
  })),
  { name: 'another GOGC', change: ({ settings }) => ({ settings: { ...settings, gogc: '200' } }) },
  { name: 'GOGC not known', change: ({ settings }) => ({ settings: { ...settings, gogc: null } }) },
  { name: 'another load', change: ({ scenario }) => ({ scenario: { ...scenario, load: 'other' } }) },
];

let cases = 0;
for (const { name, change } of lacking)
  for (const where of ['candidate', 'reference'] as const) {
    cases++;
    test(`never a pass: one run of the ${where} is ${name}`, (t) => {
      const runs = where === 'candidate' ? withSample(candidate, change, 2) : candidate;
      const against = where === 'reference' ? withSample(reference, change, 2) : reference;
      const { verdict, checks } = judged({}, runs, against);
      t.is(verdict.status, 'inconclusive', JSON.stringify(checks, null, 1));
      t.true(verdict.reasons.length > 0);
      // Nothing about evidence can be outweighed.
      t.is(judged({ passShare: ratio(0.01) }, runs, against).verdict.status, 'inconclusive');
    });
  }

test('at least thirty such cases were made', (t) => {
  t.true(cases >= 30, `${cases}`);
});

test('never a pass: too short, no reference, too few runs, nothing measured', (t) => {
  const open = (runs: readonly GateRun[], against: readonly GateRun[], changes: Partial<GatePolicy> = {}): void => {
    const { verdict } = judged(changes, runs, against);
    t.is(verdict.status, 'inconclusive', verdict.reasons.join('\n'));
  };
  open(candidate, reference, { evidence: { ...policy.evidence, steadyMs: seconds(101) } });
  open(candidate, []);
  open([], reference);
  open([], []);
  open(candidate, reference.slice(0, 3), { evidence: { ...policy.evidence, steadyMs: seconds(10) } });
  open(candidate.slice(0, 1), reference.slice(0, 1), { evidence: { ...policy.evidence, steadyMs: seconds(10) } });
  open(withSample(candidate, withStage({ figures: { ...stage.figures, ...noFigures } })), reference);
  open(
    candidate.map((run) => ({ ...run, results: [] })),
    reference,
  );
  open(withResults(candidate, 'p99<200ms', { status: 'inconclusive', measured: null, reason: 'unknown' }), reference);
  // Objectives alone, of a single run, may pass: they claim no difference.
  const alone = judged(
    { relative: [], evidence: { ...policy.evidence, steadyMs: seconds(10) } },
    candidate.slice(0, 1),
    [],
  );
  t.is(alone.verdict.status, 'pass');
});

test('a missed objective fails, also where evidence lacks', (t) => {
  const missed = withResults(candidate, 'within(100ms)>=95%', { status: 'fail' });
  t.is(judged({}, missed).verdict.status, 'fail');
  t.is(
    judged(
      {},
      withSample(missed, () => ({ profiles: [] })),
    ).verdict.status,
    'fail',
  );
  const check = judged({}, missed).checks.find(({ id }) => id === 'within(100ms)>=95%');
  t.like(check, { status: 'fail', line: 4, unit: 'ratio' });
  t.regex(check?.reason ?? '', /^missed at stage 0 \(5 runs\)$/);
});

const verdictAt = (factor: number, spread = 1) =>
  judged(
    {},
    arm(
      'c',
      quiet.map((each) => factor * (1 + (each - 1) * spread)),
    ),
  ).verdict.status;

test('relative limits: shown to be within is a pass, found beyond is a miss, all else is open', (t) => {
  t.is(verdictAt(1.05), 'pass');
  t.is(verdictAt(0.7), 'pass');
  t.is(verdictAt(1.2), 'fail');
  t.is(verdictAt(1.09, 8), 'inconclusive');
});

test('a candidate that does not keep up where the reference did is a miss of its latency limit', (t) => {
  const behind = withSample(
    candidate,
    withStage({ limited: true, completedPerSecond: 150, figures: { ...stage.figures, p99: null, throughput: 150 } }),
  );
  const kept = withSample(reference, withStage({ completedPerSecond: 200 }));
  const { checks } = judged({}, behind, kept);
  const check = checks.find(({ id }) => id === 'relative p99');
  t.is(check?.status, 'fail');
  t.regex(check?.reason ?? '', /did not keep up/);
});

test('weights outweigh a miss, a key check cannot be outweighed', (t) => {
  const missed = withResults(candidate, 'p99<200ms', { status: 'fail' });
  const light = { passShare: ratio(0.6) };
  t.is(judged(light, missed).verdict.status, 'pass');
  t.is(judged({ passShare: ratio(0.7) }, missed).verdict.status, 'fail');
  const key = policy.objectives.map((rule) => ({ ...rule, key: rule.id === 'p99<200ms' }));
  t.is(judged({ ...light, objectives: key }, missed).verdict.status, 'fail');
  const heavy = policy.objectives.map((rule) => ({ ...rule, weight: rule.id === 'p99<200ms' ? 5 : 1 }));
  t.is(judged({ ...light, objectives: heavy }, missed).verdict.status, 'fail');
});

const laxer: Objective = { ...p99, limitMs: milliseconds(300) };
const waiver: Waiver = {
  check: 'p99<200ms',
  owner: 'orders',
  reason: 'index',
  expires: '2026-11-30',
  expiresAt: epochMilliseconds(Date.UTC(2026, 11, 1)),
  scenario: null,
  stages: null,
  upTo: { kind: 'objective', objective: laxer },
  upToText: 'p99<300ms',
  line: 9,
};

test('a waiver answers for a miss up to its limit, in its scope, until its day', (t) => {
  const missed = withResults(candidate, 'p99<200ms', { status: 'fail' }).map((run) => ({
    ...run,
    results: [
      ...run.results,
      ...run.results
        .filter(({ objective }) => objective === 'p99<200ms')
        .map((result) => ({
          ...result,
          objective: 'p99<300ms',
          status: 'pass' as const,
        })),
    ],
  }));
  const under = (changes: Partial<Waiver>, runs: readonly GateRun[] = missed, at = now) =>
    judged({ waivers: [{ ...waiver, ...changes }] }, runs, reference, at);
  const waived = under({});
  t.is(waived.verdict.status, 'pass', waived.verdict.reasons.join('\n'));
  t.like(
    waived.checks.find(({ id }) => id === 'p99<200ms'),
    { status: 'waived', waiver: { owner: 'orders', reason: 'index', expires: '2026-11-30', upTo: 'p99<300ms' } },
  );
  for (const [changes, note] of [
    [{ expiresAt: now }, /ended on 2026-11-30/],
    [{ scenario: 'other' }, /for other only/],
    [{ stages: [7] }, /not shown to hold/],
  ] as const) {
    const { verdict } = under(changes);
    t.is(verdict.status, 'fail');
    t.regex(verdict.reasons.join('\n'), note);
  }
  t.is(under({}, withResults(missed, 'p99<300ms', { status: 'fail' })).verdict.status, 'fail');
  t.is(under({}, withResults(missed, 'p99<300ms', { status: 'inconclusive' })).verdict.status, 'fail');
  t.is(under({ check: 'within(100ms)>=95%' }).verdict.status, 'fail');
  // What evidence lacks is not waived with it.
  t.is(
    under(
      {},
      withSample(missed, () => ({ profiles: [] })),
    ).verdict.status,
    'inconclusive',
  );
  t.like(under({}, candidate).warnings, [{ code: 'waiver-unused' }]);
  t.like(under({ expiresAt: now }, candidate).warnings, [{ code: 'waiver-expired' }]);
});

const waivedUpTo = (worseBy: number): Partial<GatePolicy> => ({
  waivers: [{ ...waiver, check: 'relative p99', upTo: { kind: 'relative', worseBy }, upToText: `${worseBy}` }],
});

test('a waiver of a relative limit', (t) => {
  const slow = arm(
    'c',
    quiet.map((factor) => factor * 1.2),
  );
  t.is(judged(waivedUpTo(0.3), slow).verdict.status, 'pass');
  t.is(judged(waivedUpTo(0.15), slow).verdict.status, 'fail');
});

test('shedding that no objective is about leaves the gate open', (t) => {
  const shedding = candidate.map((run) => ({
    ...run,
    results: [
      ...run.results,
      { objective: 'shed<=1%', stage: 0, status: 'inconclusive' as const, measured: null, reason: '429' },
    ],
  }));
  const { verdict, checks } = judged({}, shedding);
  t.is(verdict.status, 'inconclusive');
  t.like(checks.at(-2), { id: 'shed<=1%', reason: '429' });
});
