import test from 'ava';
import type { GateCheck } from '../../analysis/gate/gate-check.ts';
import { readXml } from '../../fixtures/read-xml.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { toJunit } from '../../reports/render/to-junit.ts';
import { toTerminal } from '../../reports/render/to-terminal.ts';
import { golden } from '../../test/golden.ts';
import { annotations } from './annotations.ts';
import { composeGate } from './compose-gate.ts';
import type { GateFigures } from './gate-figures.ts';
import { gateMarkdown, longestMarkdown } from './gate-markdown.ts';
import { gateSuite } from './gate-suite.ts';

const check = (id: string, status: GateCheck['status'], changes: Partial<GateCheck> = {}): GateCheck => ({
  id,
  kind: 'objective',
  status,
  measured: { estimate: 231, low: 220, high: 244, confidence: 0.95, method: 'batch means' },
  unit: 'ms',
  limit: id,
  reason: status === 'pass' ? null : 'missed at stage 2 (20261121-091300-orders-1a2b)',
  weight: 1,
  key: false,
  line: 7,
  waiver: null,
  details: ['20261121-091300-orders-1a2b, stage 2: fail'],
  ...changes,
});

const figures = (checks: readonly GateCheck[], status: 'pass' | 'fail' | 'inconclusive' = 'fail'): GateFigures => ({
  policy: { name: 'orders nightly', file: 'nightly.yml', sha256: '0123456789abcdef'.repeat(4) },
  runs: { candidate: ['20261121-091300-orders-1a2b'], reference: ['20261121-090800-orders-3c4d'] },
  judgedAt: epochMilliseconds(Date.UTC(2026, 10, 21, 10)),
  checks,
  verdict: { status, score: 0.75, passShare: 1, reasons: ['p99<200ms: missed'] },
  warnings: [{ code: 'waiver-unused', message: '"errors<1%" holds without the waiver of orders: take it out' }],
});

const some = figures([
  check('evidence steady-time', 'inconclusive', {
    kind: 'evidence',
    measured: null,
    unit: null,
    weight: null,
    key: true,
    line: null,
    limit: "300 s of steady time, summed over an arm's runs",
    reason: 'only candidate: 120 s in 1 run',
  }),
  check('p99<200ms', 'fail', { key: true }),
  check('errors<1%', 'pass', {
    unit: 'ratio',
    measured: { estimate: 0, low: 0, high: 0.0004, confidence: 0.95, method: '' },
  }),
  check('relative p99', 'waived', {
    kind: 'relative',
    unit: 'change',
    measured: { estimate: 1.12, low: 1.08, high: null, confidence: 0.95, method: '' },
    limit: '5 % worse',
    waiver: { owner: 'orders', reason: 'an index is rebuilt', expires: '2026-12-31', upTo: '20%' },
  }),
]);

test('the judgement as text', (t) => {
  const text = toTerminal(composeGate(some), { colour: false, width: 120, reportPath: null });
  t.is(text, golden('gate-120.txt', text));
});

test('the judgement as Markdown', (t) => {
  const text = gateMarkdown(some);
  t.is(text, golden('gate.md', text));
});

test('however many checks there are, the summary fits, and begins with what was missed', (t) => {
  for (const count of [1, 40, 500, 5_000]) {
    const long = figures(
      Array.from({ length: count }, (_, at) =>
        check(`p99<${at + 1}ms`, at === count - 1 ? 'fail' : 'inconclusive', {
          reason: 'x'.repeat(at % 7 === 0 ? 5_000 : 50),
        }),
      ),
    );
    const text = gateMarkdown(long);
    t.true(Buffer.byteLength(text) < longestMarkdown, `${count}`);
    t.regex(text, /^# Gate orders nightly: failed/);
    t.true(text.includes(`p99&lt;${count}ms`), `${count}`);
  }
});

test('JUnit: a test for each check, an error where it is open', (t) => {
  const xml = readXml(toJunit(gateSuite(some)));
  const [suite] = xml.children;
  t.like(suite?.attributes, { tests: '4', failures: '1', errors: '1', skipped: '0' });
});

const counts = (of: GateFigures) => readXml(toJunit(gateSuite(of))).children[0]?.attributes;

test('JUnit: all pass only where the verdict does', (t) => {
  const passing = [check('p99<200ms', 'pass')];
  t.like(counts(figures(passing, 'pass')), { tests: '1', failures: '0', errors: '0' });
  t.like(counts(figures(passing, 'inconclusive')), { tests: '2', failures: '0', errors: '1' });
  // Outweighed: it failed nothing, and is seen.
  t.like(counts(figures([...passing, check('p50<1ms', 'fail')], 'pass')), { failures: '0', errors: '0', skipped: '1' });
});

test('annotations name the line of the policy and cannot be broken out of', (t) => {
  t.deepEqual(annotations(some), [
    '::error file=nightly.yml,line=7,title=p99<200ms::missed at stage 2 (20261121-091300-orders-1a2b)',
    '::warning file=nightly.yml,title=evidence steady-time::only candidate: 120 s in 1 run',
  ]);
  const [hostile] = annotations(
    figures([check('GET /a,b:c:p99<1ms', 'fail', { reason: '100%\n::error::forged\r\n' })]),
  );
  t.is(hostile, '::error file=nightly.yml,line=7,title=GET /a%2Cb%3Ac%3Ap99<1ms::100%25%0A::error::forged%0D%0A');
});

test('more than ten of a kind are told as ten', (t) => {
  const lines = annotations(figures(Array.from({ length: 12 }, (_, at) => check(`p99<${at}ms`, 'fail'))));
  t.is(lines.length, 10);
  t.is(lines.at(-1), '::error file=nightly.yml,title=3 more::p99<9ms, p99<10ms, p99<11ms');
});
