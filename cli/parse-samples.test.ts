import test from 'ava';
import * as fc from 'fast-check';
import { MisuseError } from '../scenarios/misuse.ts';
import { parseSamples } from './parse-samples.ts';
import { parseSeries } from './parse-series.ts';

const seeded = { seed: 8 };
const value = fc.double({ min: 0, max: 1e12, noNaN: true }).map((number) => number + 0);
const ending = fc.constantFrom('\n', '\r\n');

const reasonsOf = (parse: () => unknown): readonly string[] => {
  try {
    parse();
  } catch (error) {
    if (error instanceof MisuseError) return error.reasons.map(({ where, message }) => `${where}: ${message}`);
    throw error;
  }
  return [];
};

test('what was written is read: with a header by name, without one as a single column', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 1 }), ending, fc.boolean(), (rows, end, mark) => {
      const text = `${mark ? '\uFEFF' : ''}p99, "cpu ms"${end}${rows.map((row) => row.join(',')).join(end)}${end}`;
      const { hasHeader, metrics } = parseSamples('a.csv', text);
      t.true(hasHeader);
      t.deepEqual(
        metrics.get('p99'),
        rows.map(([first]) => first),
      );
      t.deepEqual(
        metrics.get('cpu ms'),
        rows.map(([, second]) => second),
      );
      const plain = parseSamples('a.csv', rows.map(([first]) => first).join(end));
      t.false(plain.hasHeader);
      t.deepEqual(
        plain.metrics.get('value'),
        rows.map(([first]) => first),
      );
    }),
    seeded,
  );
});

test('an empty cell is a run without that value, an empty line is nothing', (t) => {
  const { metrics, missing } = parseSamples('a.csv', 'p99,cpu\n1,2\n\n3,\n');
  t.deepEqual(
    [...metrics],
    [
      ['p99', [1, 3]],
      ['cpu', [2]],
    ],
  );
  t.deepEqual(
    [...missing],
    [
      ['p99', 0],
      ['cpu', 1],
    ],
  );
});

test('everything wrong with samples is said at once', (t) => {
  t.deepEqual(
    reasonsOf(() => parseSamples('a.csv', 'p99,p99\nx,2\n3\n4,-5\n')),
    [
      'a.csv:1: two columns are called "p99"',
      'a.csv:2: "x" is not a number',
      'a.csv:3: 1 cells, but the header has 2',
      'a.csv:4: -5 is below 0',
    ],
  );
  t.deepEqual(
    reasonsOf(() => parseSamples('a.csv', '1,2\n3,4\n')),
    ['a.csv:1: 2 columns without a header line', 'a.csv:2: 2 columns without a header line'],
  );
  t.deepEqual(
    reasonsOf(() => parseSamples('a.csv', '')),
    ['a.csv: holds nothing'],
  );
  t.deepEqual(
    reasonsOf(() => parseSamples('a.csv', 'p99\n')),
    ['a.csv: holds a header only'],
  );
});

test('a file of requests is no file of runs', (t) => {
  t.is(parseSamples('a.csv', '1\n'.repeat(2000)).metrics.get('value')?.length, 2000);
  t.deepEqual(
    reasonsOf(() => parseSamples('a.csv', '1\n'.repeat(2001))),
    ['a.csv: 2001 lines: more than 2000 runs are not compared'],
  );
});

test('a first value that is no number is no header: no run is lost', (t) => {
  for (const wrong of ['12ms', 'NaN', '-inf', '0x10', '1_000'])
    t.deepEqual(
      reasonsOf(() => parseSamples('a.csv', `${wrong}\n12\n`)),
      [`a.csv:1: "${wrong}" is not a number`],
    );
});

test('a series keeps its gaps, and its indices with them', (t) => {
  fc.assert(
    fc.property(fc.array(fc.option(value), { minLength: 1 }), ending, fc.boolean(), (series, end, header) => {
      fc.pre(series.some((each) => each !== null));
      const text = `${header ? `p99${end}` : ''}${series.map((each) => (each === null ? '' : String(each))).join(end)}${end}`;
      t.deepEqual(parseSeries('s.csv', text), series);
    }),
    seeded,
  );
  t.deepEqual(parseSeries('s.csv', '-1\n\n2.5e-3\n'), [-1, null, 0.0025]);
});

test('everything wrong with a series is said at once', (t) => {
  t.deepEqual(
    reasonsOf(() => parseSeries('s.csv', '1\nx\n1,2\n')),
    ['s.csv:2: "x" is not a number', 's.csv:3: 2 columns, but a series has one'],
  );
  t.deepEqual(
    reasonsOf(() => parseSeries('s.csv', 'p99\n\n')),
    ['s.csv: holds no number'],
  );
});
