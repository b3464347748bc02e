import test from 'ava';
import { buildRunRecord, type RunDescription } from '../../fixtures/records/build-run-record.ts';
import { type SignOffRun, signOffRuns } from '../../fixtures/records/sign-off-runs.ts';
import type { GatePolicy } from '../../model/gate-policy.ts';
import type { RunRecord } from '../../model/run-record.ts';
import type { Certificate, SearchFigures } from '../../model/search-figures.ts';
import { type CheckId, type Waiver, checkIds, requiredTests } from '../../model/sign-off.ts';
import { after, milliseconds, perSecond, ratio, seconds } from '../../model/units.ts';
import { analyze } from '../analyze.ts';
import { sampleOfRun } from '../comparison/sample-of-run.ts';
import { gateRun } from '../gate/gate-run.ts';
import { type JudgedSignOff, judgeSignOff } from './judge-sign-off.ts';
import type { SignOffAsked } from './sign-off-asked.ts';
import type { TestedRun } from './tested-run.ts';

const policy: GatePolicy = {
  name: 'orders',
  evidence: { steadyMs: seconds(20), maxAgeMs: null, metrics: false, profiles: [] },
  objectives: [
    {
      id: 'p90<150ms',
      weight: 1,
      key: false,
      line: 1,
      objective: {
        kind: 'latency-quantile',
        quantile: 0.9,
        limitMs: milliseconds(150),
        endpoint: null,
        comparison: '<',
      },
    },
  ],
  relative: [],
  reference: { runs: [], paired: false, allowDifferences: [] },
  passShare: ratio(1),
  waivers: [],
};

const tested = (record: RunRecord, id: string, search: SearchFigures | null = null): TestedRun => ({
  id,
  plan: record.plan,
  startedAt: record.startedAt,
  analysis: analyze(record),
  search,
  gate: search === null ? gateRun(record, { ...sampleOfRun(record), id }, policy) : null,
  folder: `runs/${id}`,
});

const run = (description: RunDescription, id = description.name ?? ''): TestedRun =>
  tested(buildRunRecord(description), id);

const certificate: Certificate = {
  ratePerSecond: perSecond(150),
  durationMs: seconds(30),
  confidence: 0.95,
  restarts: 1,
  by: 'confirmation',
  result: 'pass',
  note: 'kept for 30 s',
};

const figures: SearchFigures = {
  status: 'found',
  boundsPerSecond: { low: perSecond(150), high: perSecond(160) },
  crossingPerSecond: { estimate: 155, low: 120, high: 164, confidence: 0.95, method: 'profile likelihood' },
  ended: 'bracket',
  conclusive: true,
  reasons: [],
  objective: 'errors<5%',
  limit: 0.05,
  windowMs: seconds(30),
  conditionalThroughputPerSecond: null,
  certificate,
  searches: [],
  probes: [],
};

const searchRecord = buildRunRecord({ ...signOffRuns.stair, name: 'orders' });
const search = (changes: Partial<SearchFigures> = {}): TestedRun =>
  tested(searchRecord, 'search', { ...figures, ...changes });

const tests: Readonly<Record<Exclude<SignOffRun, 'stair'>, TestedRun>> = {
  peakSoak: run(signOffRuns.peakSoak),
  spike: run(signOffRuns.spike),
  instanceLost: run(signOffRuns.instanceLost),
  slowDependency: run(signOffRuns.slowDependency),
  restart: run(signOffRuns.restart),
};
const whole = [search(), ...Object.values(tests)];

const now = after(searchRecord.startedAt, seconds(3_600));
const asked: SignOffAsked = {
  now,
  subject: {
    subjects: [{ name: 'orders', digest: { sha256: 'a'.repeat(64) } }],
    buildIds: ['build-1'],
    commit: null,
    from: 'given',
  },
  policy: { name: 'policy/policy.yaml', sha256: 'b'.repeat(64), rules: policy },
  trafficTarget: { ratePerSecond: perSecond(300), source: 'forecast', date: '2026-11-01' },
  instances: { planned: 4, survive: 1 },
  recommended: new Map(),
  regressions: { comparison: { file: 'comparison.json', verdict: 'same' }, open: [] },
  waivers: [],
  approvers: ['Ada'],
  oldestEvidence: seconds(86_400),
  leastSoak: seconds(10),
};

const statusOf = (judged: JudgedSignOff, id: CheckId): string | undefined =>
  judged.checklist.find((line) => line.id === id)?.status;
const evidenceOf = (judged: JudgedSignOff, id: CheckId): string =>
  judged.checklist.find((line) => line.id === id)?.evidence ?? '';
const lines = (judged: JudgedSignOff, status: string): readonly string[] =>
  judged.checklist.filter((line) => line.status === status).map(({ id }) => id);

test('with all tests, all flags and headroom it passes; every line is there once', (t) => {
  const judged = judgeSignOff(whole, asked);
  t.deepEqual(
    judged.checklist.filter(({ status }) => status !== 'pass').map(({ id, evidence }) => `${id}: ${evidence}`),
    ['waivers: there are none'],
  );
  t.deepEqual(
    judged.checklist.map(({ id }) => id),
    [...checkIds],
  );
  t.is(judged.verdict, 'PASS');
  t.is(judged.result, 'PASSED');
  t.deepEqual(judged.failedTests, []);
  t.deepEqual(
    judged.runs.map(({ test: kind }) => kind),
    [...requiredTests],
  );
});

test('the safe rate is the certified one, and headroom is counted from its lower end', (t) => {
  const judged = judgeSignOff(whole, asked);
  t.like(judged.safeRatePerInstance, { estimate: 150, low: 120, high: 164, confidence: 0.95, run: 'search' });
  t.deepEqual(
    judged.headroom.map(({ instances, lost, ratePerInstancePerSecond, required, status }) => [
      instances,
      lost,
      ratePerInstancePerSecond,
      required,
      status,
    ]),
    [
      [4, 0, 75, true, 'pass'],
      [3, 1, 100, true, 'pass'],
      [2, 2, 150, false, 'inconclusive'],
    ],
  );
  t.deepEqual(judged.headroom[1]?.share, { estimate: 1 - 100 / 150, low: 1 - 100 / 120, high: 1 - 100 / 164 });
  t.deepEqual(judged.levels, { greenPerSecond: 84, yellowPerSecond: 102, redPerSecond: 120 });
  const more = judgeSignOff(whole, {
    ...asked,
    trafficTarget: { ...asked.trafficTarget, ratePerSecond: perSecond(400) },
  });
  t.is(statusOf(more, 'headroom'), 'inconclusive', '133/s lies in the interval of the safe rate');
  const far = judgeSignOff(whole, { ...asked, instances: { planned: 4, survive: 3 } });
  t.is(statusOf(far, 'headroom'), 'fail', '300/s for the last one');
  const low = { ...certificate, ratePerSecond: perSecond(90) };
  const second = { ...search({ crossingPerSecond: null, certificate: low }), id: 'another' };
  const lowest = judgeSignOff([...whole, second], asked);
  t.is(lowest.safeRatePerInstance?.run, 'another');
  t.is(statusOf(lowest, 'headroom'), 'fail');
});

test('a missing test is named as missing, and is no pass', (t) => {
  for (const id of requiredTests) {
    const judged = judgeSignOff(
      whole.filter((_, index) => requiredTests[index] !== id),
      asked,
    );
    t.is(judged.verdict, 'INCONCLUSIVE', id);
    t.is(judged.result, 'FAILED', id);
    t.is(statusOf(judged, id), 'inconclusive');
    t.regex(evidenceOf(judged, id), /^missing: /);
    t.true(judged.failedTests.includes(id));
  }
  const none = judgeSignOff([], asked);
  t.is(none.verdict, 'INCONCLUSIVE');
  t.is(none.safeRatePerInstance, null);
});

test('nothing that was not said passes', (t) => {
  const without: readonly (readonly [CheckId, Partial<SignOffAsked>])[] = [
    ['subject', { subject: { ...asked.subject, subjects: [], buildIds: [], from: 'unknown' } }],
    ['policy', { policy: null }],
    ['traffic-target', { trafficTarget: { ...asked.trafficTarget, source: null } }],
    ['traffic-target', { trafficTarget: { ...asked.trafficTarget, date: null } }],
    ['traffic-target', { trafficTarget: { ...asked.trafficTarget, date: '2027-01-01' } }],
    ['headroom', { instances: { planned: null, survive: 1 } }],
    ['settings', { recommended: new Map([['DB_POOL', '32']]) }],
    ['regressions', { regressions: { comparison: null, open: [] } }],
    ['regressions', { regressions: { comparison: { file: 'c', verdict: 'inconclusive' }, open: [] } }],
    ['approvers', { approvers: [] }],
    ['evidence-age', { now: after(now, seconds(86_400)) }],
    ['evidence-age', { now: after(now, seconds(-86_400)) }],
  ];
  for (const [id, changes] of without) {
    const judged = judgeSignOff(whole, { ...asked, ...changes });
    t.is(statusOf(judged, id), 'inconclusive', id);
    t.is(judged.verdict, 'INCONCLUSIVE', id);
  }
});

test('what is against it fails', (t) => {
  const against: readonly (readonly [CheckId, Partial<SignOffAsked>])[] = [
    ['subject', { subject: { ...asked.subject, buildIds: ['build-2'] } }],
    ['regressions', { regressions: { comparison: null, open: ['p99 of orders'] } }],
    ['regressions', { regressions: { comparison: { file: 'c', verdict: 'worse' }, open: [] } }],
  ];
  for (const [id, changes] of against) {
    const judged = judgeSignOff(whole, { ...asked, ...changes });
    t.is(statusOf(judged, id), 'fail', id);
    t.is(judged.verdict, 'FAIL', id);
  }
});

test('a test that missed its objectives fails; a second run that passes does not hide it', (t) => {
  const missed = run(
    {
      ...signOffRuns.spike,
      stages: signOffRuns.spike.stages.map((stage) => ({ ...stage, failures: { timeout: 0.2 } })),
    },
    'missed',
  );
  const judged = judgeSignOff([...whole, missed], asked);
  t.is(statusOf(judged, 'spike'), 'fail');
  t.regex(evidenceOf(judged, 'spike'), /^missed: objectives were missed: errors<5% missed at stage 0/);
  t.is(judged.verdict, 'FAIL');
});

test('an interrupted, failed, empty or partial run is no evidence, and no waiver makes it one', (t) => {
  const cut: readonly Partial<RunDescription>[] = [
    {
      outcome: { status: 'aborted', phase: 'load', code: 'interrupted', reason: 'Ctrl-C' },
      endedAfterSeconds: 9,
      complete: false,
    },
    { outcome: { status: 'failed', phase: 'generator', reason: 'it ended', hint: '' } },
    { outcome: { status: 'failed', phase: 'target', reason: 'not ready', hint: '' }, withoutTraffic: true },
  ];
  for (const changes of cut) {
    const broken = run({ ...signOffRuns.peakSoak, ...changes });
    const others = whole.filter(({ id }) => id !== 'peak-soak');
    const waived = (['peak-soak', 'findings'] as const).map((scope) => waiverFor(scope, seconds(60)));
    const judged = judgeSignOff([...others, broken], { ...asked, waivers: waived });
    t.is(statusOf(judged, 'runs'), 'inconclusive');
    t.is(judged.verdict, 'INCONCLUSIVE', changes.outcome?.status);
  }
  const unasked = run({ ...signOffRuns.peakSoak, objectives: [] });
  const judged = judgeSignOff([...whole.filter(({ id }) => id !== 'peak-soak'), unasked], asked);
  t.is(statusOf(judged, 'peak-soak'), 'inconclusive', 'without objectives nothing was decided');
});

test('a search without a certificate that passed is none', (t) => {
  const others = whole.slice(1);
  const status = (changes: Partial<SearchFigures>): string | undefined =>
    statusOf(judgeSignOff([search(changes), ...others], asked), 'search-certificate');
  t.is(status({ certificate: null }), 'inconclusive');
  t.is(status({ conclusive: false, reasons: ['too short'] }), 'inconclusive');
  t.is(status({ certificate: { ...certificate, result: 'undecided' } }), 'inconclusive');
  t.is(status({ certificate: { ...certificate, result: 'invalid' } }), 'inconclusive');
  t.is(status({ certificate: { ...certificate, result: 'fail' } }), 'fail');
  t.is(status({ status: 'unfinished', certificate: null }), 'inconclusive');
  t.is(status({ status: 'always-overloaded', certificate: null }), 'fail');
  const stair = judgeSignOff([run(signOffRuns.stair), ...others], asked);
  t.like(
    stair.safeRatePerInstance,
    { estimate: 150, low: 150, high: 200, confidence: null },
    'a stair gives a bracket',
  );
  t.is(statusOf(stair, 'search-certificate'), 'inconclusive');
});

const hold = (rate: number, length = 8): RunDescription['stages'][number] => ({ rate, seconds: length });

test('a run that is called so but was something else is no evidence', (t) => {
  const wrong: readonly (readonly [CheckId, RunDescription, RegExp])[] = [
    ['peak-soak', { ...signOffRuns.peakSoak, stages: [hold(75, 8)] }, /no stage held 75\/s for 10 s/],
    [
      'peak-soak',
      { ...signOffRuns.peakSoak, stages: [hold(60, 12)] },
      /no stage held the planned load of an instance, 75\/s/,
    ],
    ['spike', { ...signOffRuns.spike, stages: [hold(60), hold(90), hold(60)] }, /no stage rose to 2 times/],
    [
      'spike',
      { ...signOffRuns.spike, stages: [hold(30), { rate: [30, 90], seconds: 12 }, hold(90), hold(30)] },
      /within 10 s/,
    ],
    ['spike', { ...signOffRuns.spike, stages: [hold(30), hold(90)] }, /fell again/],
    ['instance-lost', { ...signOffRuns.instanceLost, stages: [hold(75), hold(90)] }, /with 1 of 4 lost, 100\/s/],
    [
      'slow-dependency',
      { ...signOffRuns.slowDependency, stages: [hold(75)] },
      /nothing shows that a dependency was slow/,
    ],
    ['restart', { ...signOffRuns.restart, scrapes: () => [] }, /no restart of the target was seen/],
  ];
  for (const [id, description, reason] of wrong) {
    const others = whole.filter((_, index) => requiredTests[index] !== id);
    const judged = judgeSignOff([...others, run(description)], asked);
    t.is(statusOf(judged, id), 'inconclusive', id);
    t.regex(evidenceOf(judged, id), reason);
  }
});

test('runs of another machine, build or setting are no evidence together, and what differs is named', (t) => {
  const others = whole.filter(({ id }) => id !== 'peak-soak');
  const judge = (description: Partial<RunDescription>): JudgedSignOff =>
    judgeSignOff([...others, run({ ...signOffRuns.peakSoak, ...description })], asked);
  const machine = judge({ host: { kernel: '6.13.0' } });
  t.is(statusOf(machine, 'environment'), 'inconclusive');
  t.regex(evidenceOf(machine, 'environment'), /kernel: .*6\.12\.0 \(.*6\.13\.0 \(peak-soak\)/);
  t.is(machine.environment['kernel'], null);
  t.is(statusOf(judge({ target: { buildId: 'build-2' } }), 'subject'), 'fail');
  t.is(statusOf(judge({ target: { buildId: null } }), 'subject'), 'inconclusive');
  const settings = judge({ target: { buildId: 'build-1', gogc: '200' } });
  t.regex(evidenceOf(settings, 'settings'), /GOGC=100: run peak-soak had 200/);
  const modified = judge({
    target: {
      buildId: 'build-1',
      notes: ['build settings: vcs.revision=0123456789abcdef0123456789abcdef01234567 vcs.modified=true'],
    },
  });
  t.is(statusOf(modified, 'subject'), 'inconclusive');
});

test('the commit in the binary has to be the one that is given, and the same in all runs', (t) => {
  const commits = ['0123456789abcdef0123456789abcdef01234567', 'fedcba9876543210fedcba9876543210fedcba98'] as const;
  const from = (...builds: readonly string[]): JudgedSignOff =>
    judgeSignOff(
      builds.map((build, index) =>
        run(
          { ...signOffRuns.peakSoak, target: { buildId: 'build-1', notes: [`build settings: vcs.revision=${build}`] } },
          `run-${index}`,
        ),
      ),
      { ...asked, subject: { ...asked.subject, commit: commits[0] } },
    );
  t.is(statusOf(from(commits[0]), 'subject'), 'pass');
  t.is(statusOf(from(commits[1]), 'subject'), 'fail');
  t.is(statusOf(from(...commits), 'subject'), 'inconclusive');
});

test('recommended settings need a run that had exactly these', (t) => {
  const right = judgeSignOff(whole, { ...asked, recommended: new Map([['GOGC', '100']]) });
  t.deepEqual(right.settings, [{ name: 'GOGC', value: '100', testedBy: 'search' }]);
  t.is(statusOf(right, 'settings'), 'pass');
  const wrong = judgeSignOff(whole, { ...asked, recommended: new Map([['GOGC', '200']]) });
  t.deepEqual(wrong.settings, [{ name: 'GOGC', value: '200', testedBy: null }]);
});

function waiverFor(scope: CheckId, from: ReturnType<typeof seconds>): Waiver {
  return { owner: 'Ada', reason: 'first release', scope, expires: new Date(after(now, from)).toISOString() };
}

test('a waiver lets one line pass with a warning; one that has ended fails', (t) => {
  const open = { ...asked, regressions: { comparison: null, open: [] } };
  const waived = judgeSignOff(whole, { ...open, waivers: [waiverFor('regressions', seconds(60))] });
  t.is(waived.verdict, 'PASS');
  t.is(waived.result, 'WARNED');
  t.deepEqual(waived.warnedTests, ['regressions']);
  t.regex(waived.checklist.find(({ id }) => id === 'regressions')?.waiver ?? '', /^Ada: first release \(until /);
  const other = judgeSignOff(whole, { ...open, waivers: [waiverFor('findings', seconds(60))] });
  t.is(other.verdict, 'INCONCLUSIVE', 'it is for another line');
  for (const ended of [seconds(0), seconds(-60)]) {
    const expired = judgeSignOff(whole, { ...asked, waivers: [waiverFor('regressions', ended)] });
    t.is(expired.verdict, 'FAIL', 'although nothing needed it');
    t.deepEqual(lines(expired, 'fail'), ['waivers']);
  }
});

test('without a loss to survive the test of it is not asked for', (t) => {
  const judged = judgeSignOff(
    whole.filter(({ id }) => id !== 'instance-lost'),
    { ...asked, instances: { planned: 4, survive: 0 } },
  );
  t.is(statusOf(judged, 'instance-lost'), 'not-applicable');
  t.is(judged.verdict, 'PASS');
});

test('a critical finding of a test fails', (t) => {
  const soak = tests.peakSoak;
  const finding = {
    id: 'goroutine-leak',
    status: 'estimated',
    severity: 'critical',
    title: '',
    estimate: null,
    evidence: [],
    recommendation: '',
    warnings: [],
  } as const;
  const others = whole.filter(({ id }) => id !== 'peak-soak');
  const judged = judgeSignOff([...others, { ...soak, analysis: { ...soak.analysis, findings: [finding] } }], asked);
  t.is(statusOf(judged, 'findings'), 'fail');
});

test('the policy’s objectives count on the tests, beside those of their scenarios, but for a slow dependency', (t) => {
  const slow = (name: 'spike' | 'slowDependency'): JudgedSignOff => {
    const description = signOffRuns[name];
    const stages = description.stages.map((stage) => ({ ...stage, latencyMs: () => 170 }));
    const others = whole.filter(({ plan }) => plan.name !== description.name);
    return judgeSignOff([...others, run({ ...description, stages })], asked);
  };
  const missed = slow('spike');
  t.is(statusOf(missed, 'spike'), 'pass', 'its own objective is 200 ms');
  t.is(statusOf(missed, 'policy'), 'fail');
  t.regex(evidenceOf(missed, 'policy'), /^orders: orders-spike: .*p90<150ms/);
  t.is(statusOf(slow('slowDependency'), 'policy'), 'pass');
  const longer = { ...policy, evidence: { ...policy.evidence, steadyMs: seconds(300) } };
  const short = judgeSignOff(whole, { ...asked, policy: { name: 'p', sha256: 'b'.repeat(64), rules: longer } });
  t.is(statusOf(short, 'policy'), 'inconclusive');
  t.regex(evidenceOf(short, 'policy'), /only 60 s of steady time in all tests, of 300 s/);
  t.is(statusOf(judgeSignOff([search()], asked), 'policy'), 'inconclusive', 'a search alone is nothing to judge by it');
});
