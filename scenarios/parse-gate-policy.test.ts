import test from 'ava';
import { objectiveText } from '../model/objective-text.ts';
import { epochMilliseconds, parseDuration, percent } from '../model/units.ts';
import { MisuseError } from './misuse.ts';
import { parseGatePolicy } from './parse-gate-policy.ts';

const whole = `# what a night has to show
policy: orders nightly
evidence:
  steady: 10m
  max-age: 48h
  metrics: false
  profiles: [cpu, allocs]
objectives:
  - p99<200ms
  - objective: within(100ms)>=95%
    weight: 2
    key: true
reference:
  runs: [20261120, 20261121]
  paired: true
  allow-differences: [go-version]
relative:
  - { metric: p99, worse-by: 10% }
  - { metric: errors, worse-by: 0.05%, stages: [1, 2], weight: 3 }
pass: 80%
waivers:
  - check: p99<200ms
    up-to: p99<260ms
    owner: orders team
    reason: an index is rebuilt
    expires: 2026-12-31
    scenario: orders
    stages: [2]
`;

test('a whole policy', (t) => {
  const policy = parseGatePolicy('p.yml', whole.replace('[20261120, 20261121]', "['20261120', '20261121']"));
  t.like(policy, {
    name: 'orders nightly',
    evidence: {
      steadyMs: parseDuration('10m'),
      maxAgeMs: parseDuration('48h'),
      metrics: false,
      profiles: ['cpu', 'allocs'],
    },
    reference: { runs: ['20261120', '20261121'], paired: true, allowDifferences: ['go-version'] },
    passShare: percent(80),
  });
  t.deepEqual(
    policy.objectives.map(({ id, weight, key, line }) => ({ id, weight, key, line })),
    [
      { id: 'p99<200ms', weight: 1, key: false, line: 9 },
      { id: 'within(100ms)>=95%', weight: 2, key: true, line: 10 },
    ],
  );
  t.deepEqual(policy.relative, [
    { id: 'relative p99', metric: 'p99', worseBy: 0.1, stages: null, weight: 1, key: false, line: 18 },
    {
      id: 'relative errors at 1, 2',
      metric: 'errors',
      worseBy: percent(0.05),
      stages: [1, 2],
      weight: 3,
      key: false,
      line: 19,
    },
  ]);
  const [waiver] = policy.waivers;
  t.like(waiver, {
    check: 'p99<200ms',
    owner: 'orders team',
    reason: 'an index is rebuilt',
    expires: '2026-12-31',
    expiresAt: epochMilliseconds(Date.UTC(2027, 0, 1)),
    scenario: 'orders',
    stages: [2],
    upToText: 'p99<260ms',
    line: 22,
  });
  t.is(waiver?.upTo.kind === 'objective' ? objectiveText(waiver.upTo.objective) : '', 'p99<260ms');
});

test('what is left out has its default: five minutes of steady time, metrics, a CPU profile, a week', (t) => {
  t.like(parseGatePolicy('p.yml', 'policy: x\nobjectives: [p99<1s]\n'), {
    evidence: { steadyMs: parseDuration('5m'), maxAgeMs: parseDuration('168h'), metrics: true, profiles: ['cpu'] },
    reference: { runs: [], paired: false, allowDifferences: [] },
    passShare: 1,
    waivers: [],
  });
  t.is(
    parseGatePolicy('p.yml', 'policy: x\nobjectives: [p99<1s]\nevidence: { max-age: any }\n').evidence.maxAgeMs,
    null,
  );
});

const faultsOf = (text: string): readonly string[] => {
  try {
    parseGatePolicy('p.yml', text);
    return [];
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    return error.reasons.map(({ where, message, hint }) => `${where}: ${message} (${hint})`);
  }
};

test('everything that is wrong is said at once, each with its line', (t) => {
  const faults = faultsOf(`policy: x
evidenc: { steady: 5m }
evidence:
  steady: 5
  profiles: [gpu]
objectives:
  - p99<200
  - objective: within(100ms)>=95%
    wight: 2
relative:
  - metric: speed
    worse-by: 10
  - worse-by: 10%
waivers:
  - { check: a, up-to: b, owner: c, reason: d, expires: 2026-02-30 }
`);
  const has = (pattern: RegExp): boolean =>
    t.true(
      faults.some((fault) => pattern.test(fault)),
      `${pattern}\n${faults.join('\n')}`,
    );
  has(/^p\.yml:2 evidenc: there is no such field \(did you mean evidence\?\)/);
  has(/^p\.yml:4 evidence\.steady: has to be a text/);
  has(/^p\.yml:5 evidence\.profiles\[0\]/);
  has(/^p\.yml:7 objectives\[0\]: "200" is not a duration/);
  has(/^p\.yml:9 objectives\[1\]\.wight: there is no such field \(did you mean weight\?\)/);
  has(/^p\.yml:11 relative\[0\]\.metric: "speed" is no metric \(the metrics are errors,/);
  has(/^p\.yml:12 relative\[0\]\.worse-by: has to be a text/);
  has(/^p\.yml:13 relative\[1\]\.metric: is missing/);
  has(/^p\.yml:15 waivers\[0\]\.expires: "2026-02-30" is no day/);
  for (const fault of faults) t.notRegex(fault, /\(\)$/);
});

test('what cannot be meant is refused', (t) => {
  const asks = 'policy: x\nobjectives: [p99<200ms]\n';
  const waiver = (of: string): string => `${asks}waivers:\n  - { owner: a, reason: b, expires: 2026-12-31, ${of} }\n`;
  for (const [text, pattern] of [
    ['', /p\.yml: is empty/],
    [`${asks}evidence: { max-age: 48 }\n`, /max-age: has to be a text/],
    [`${asks}evidence: { max-age: soon }\n`, /"soon" is not a duration/],
    ['policy: x\n', /asks for nothing/],
    ['policy: x\nobjectives: [p99<1s, p99<1s]\n', /"p99<1s" stands in line 2 already/],
    ['policy: [x\n', /p\.yml:\d+: is no YAML/],
    ['policy: x\npolicy: y\nobjectives: [p99<1s]\n', /p\.yml:2: is no YAML: Map keys must be unique/],
    [`${asks}pass: 0%\n`, /out of range/],
    ['- a\n- b\n', /has to be a mapping/],
    [waiver('check: p50<1s, up-to: p50<2s'), /no check of this policy/],
    [waiver('check: evidence valid, up-to: p50<2s'), /cannot be waived/],
    [waiver('check: p99<200ms, up-to: p99<100ms'), /no laxer/],
    [waiver('check: p99<200ms, up-to: p50<300ms'), /something else/],
    [waiver('check: p99<200ms'), /up-to: is missing/],
    [waiver("check: p99<200ms, up-to: p99<300ms, owner: ''"), /unique|is empty/],
    ['x'.repeat(300_000), /that is no policy/],
    [
      `a: &a [1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]\n`,
      /alias|no such field/,
    ],
  ] as const)
    t.regex(faultsOf(text).join('\n'), pattern, text.slice(0, 200));
  const laxer =
    'policy: x\nrelative: [{ metric: p99, worse-by: 5% }]\nwaivers:\n  - { owner: a, reason: b, expires: 2026-12-31, check: relative p99, up-to: 5% }\n';
  t.regex(faultsOf(laxer).join('\n'), /no laxer than the 5% of "relative p99" \(write more than that: 6%\)/);
});
