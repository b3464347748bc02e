import test, { type ExecutionContext } from 'ava';
import { array, assert, constantFrom, double, property, record, string } from 'fast-check';
import { type XmlElement, readXml } from '../../fixtures/read-xml.ts';
import { printable } from './printable.ts';
import { type TestSuite, toJunit } from './to-junit.ts';

/**
 * Jenkins' junit-10.xsd as far as we use it: which attributes an element must and may have, and what may stand in it.
 * What is written is a part of that; in return it is checked strictly.
 */
const schema: Readonly<
  Record<string, { must: readonly string[]; may: readonly string[]; children: readonly string[] }>
> = {
  testsuites: { must: [], may: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'] },
  testsuite: {
    must: ['name'],
    may: ['tests', 'failures', 'errors', 'skipped', 'time', 'timestamp', 'hostname', 'id', 'package'],
    children: ['properties', 'testcase', 'system-out', 'system-err'],
  },
  properties: { must: [], may: [], children: ['property'] },
  property: { must: ['name', 'value'], may: [], children: [] },
  testcase: {
    must: ['name'],
    may: ['classname', 'time', 'status', 'assertions'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  failure: { must: [], may: ['type', 'message'], children: [] },
  error: { must: [], may: ['type', 'message'], children: [] },
  skipped: { must: [], may: ['type', 'message'], children: [] },
  'system-out': { must: [], may: [], children: [] },
};

function fitsSchema(t: ExecutionContext, { name, attributes, children }: XmlElement): void {
  const rule = schema[name];
  t.not(rule, undefined, name);
  if (rule === undefined) return;
  for (const one of rule.must) t.true(one in attributes, `${name} needs ${one}`);
  for (const one of Object.keys(attributes)) t.true([...rule.must, ...rule.may].includes(one), `${name} has ${one}`);
  for (const child of children) {
    t.true(rule.children.includes(child.name), `${child.name} in ${name}`);
    fitsSchema(t, child);
  }
}

const sample: TestSuite = {
  name: 'orders',
  timestamp: '2026-11-21T09:13:00',
  seconds: 145,
  properties: { run: '20261121-091300-orders-1a2b', verdict: 'fail' },
  cases: [
    { name: 'p99<200ms', status: 'fail', message: 'missed at 1,000/s', lines: ['stage 1: pass', 'stage 5: fail'] },
    { name: 'errors<0.1%', status: 'pass', message: '', lines: [] },
    { name: 'rss<1GiB', status: 'unknown', message: 'memory was not collected', lines: [] },
    { name: 'none', status: 'not-asked', message: '"quoted" & <marked>', lines: [] },
  ],
};

test('a suite as servers for continuous integration read it', (t) => {
  const root = readXml(toJunit(sample));
  fitsSchema(t, root);
  const [suite] = root.children;
  t.like(suite?.attributes, {
    name: 'orders',
    tests: '4',
    failures: '1',
    errors: '1',
    skipped: '1',
    time: '145.000',
    timestamp: '2026-11-21T09:13:00',
  });
  t.like(root.attributes, { tests: '4', failures: '1', errors: '1' });
  const cases = suite?.children.filter(({ name }) => name === 'testcase') ?? [];
  t.deepEqual(
    cases.map(({ children }) => children.map(({ name }) => name)),
    [['failure', 'system-out'], [], ['error'], ['skipped']],
  );
  t.deepEqual(cases[0]?.children[0]?.attributes, { type: 'objective-missed', message: 'missed at 1,000/s' });
  t.is(cases[0]?.children[1]?.text, 'stage 1: pass\nstage 5: fail');
  t.deepEqual(cases[3]?.children[0]?.attributes, { type: 'not-asked', message: '"quoted" & <marked>' });
});

test('whatever stands in a name or a message, the document is XML and says it', (t) => {
  const text = string({ unit: 'binary', maxLength: 30 });
  const one = record({
    name: text,
    status: constantFrom('pass', 'fail', 'unknown', 'not-asked'),
    message: text,
    lines: array(text, { maxLength: 3 }),
  });
  assert(
    property(text, array(one, { maxLength: 4 }), double({ min: 0, max: 1e6, noNaN: true }), (name, cases, seconds) => {
      const root = readXml(toJunit({ ...sample, name, cases, seconds }));
      fitsSchema(t, root);
      const [suite] = root.children;
      const written = suite?.children.filter((child) => child.name === 'testcase') ?? [];
      t.is(suite?.attributes['name'], printable(name));
      t.deepEqual(
        written.map(({ attributes }) => attributes['name']),
        cases.map((each) => printable(each.name)),
      );
      for (const [index, { status, lines }] of cases.entries()) {
        const passed = written[index]?.children.every((child) => child.name === 'system-out') ?? false;
        t.is(passed, status === 'pass');
        if (lines.length > 0) t.is(written[index]?.children.at(-1)?.text, lines.map(printable).join('\n'));
      }
    }),
    { seed: 20261121, numRuns: 200 },
  );
});

test('what is not as it should be is noticed by these very tests', (t) => {
  const whole = toJunit(sample);
  for (const [good, bad] of [
    ['&quot;', '"'],
    ['&amp;', '&'],
    ['&lt;', '<'],
    ['</testsuite>', '</testsuites>'],
    ['name="orders"', 'name=orders'],
    ['orders', 'or\u0001ders'],
  ] as const) {
    t.true(whole.includes(good), good);
    t.throws(() => readXml(whole.replace(good, bad)), undefined, bad);
  }
});
