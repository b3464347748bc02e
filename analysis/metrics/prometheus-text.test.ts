import { readFile } from 'node:fs/promises';
import test from 'ava';
import * as fc from 'fast-check';
import { epochMilliseconds } from '../../model/units.ts';
import type { Series } from '../../model/series.ts';
import { PrometheusTextDecoder, type PageReport } from './prometheus-text.ts';

const instant = epochMilliseconds(1_000);

function decode(
  text: string,
  openMetrics = false,
): { report: PageReport; series: Series[]; decoder: PrometheusTextDecoder } {
  const decoder = new PrometheusTextDecoder('prometheus', 'here');
  const report = decoder.add(text, instant, openMetrics);
  return { report, series: decoder.finish(), decoder };
}

/** name{labels} → value of a one-page decode. */
const samples = (text: string): [string, Record<string, string>, number | undefined][] =>
  decode(text).series.map(({ name, labels, values }) => [name, { ...labels }, values[0]]);

const capture = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/captures/${name}`, import.meta.url), 'utf8');

const lineCases: [string, [string, Record<string, string>, number | undefined][]][] = [
  ['up 1\n', [['up', {}, 1]]],
  ['up 1', [['up', {}, 1]]],
  ['up 1\r\n', [['up', {}, 1]]],
  ['  up\t 1  \n', [['up', {}, 1]]],
  ['up{} 1\n', [['up', {}, 1]]],
  ['up{a="b"}1\n', [['up', { a: 'b' }, 1]]],
  ['up { a = "b" , } 1\n', [['up', { a: 'b' }, 1]]],
  ['up{a="} , # \\" {"} 2\n', [['up', { a: '} , # " {' }, 2]]],
  ['up{a="C:\\\\DIR\\nnext \\t"} 2\n', [['up', { a: 'C:\\DIR\nnext \\t' }, 2]]],
  ['up{a="",b="珍"} 2\n', [['up', { a: '', b: '珍' }, 2]]],
  ['up 1 1700000000000\n', [['up', {}, 1]]],
  ['up 1e3 1.7e9\n', [['up', {}, 1000]]],
  ['up_total 5 # {trace_id="a} b"} 0.5 1.7e9\n', [['up_total', {}, 5]]],
  ['up_total 5 17 # {} 0.5\n', [['up_total', {}, 5]]],
  [
    'x NaN\ny +Inf\nz -Inf\nw inf\n',
    [
      ['x', {}, Number.NaN],
      ['y', {}, Infinity],
      ['z', {}, -Infinity],
      ['w', {}, Infinity],
    ],
  ],
  [
    'x -0.5\ny 5e-324\nz .5\nw 5.\nv +3\n',
    [
      ['x', {}, -0.5],
      ['y', {}, 5e-324],
      ['z', {}, 0.5],
      ['w', {}, 5],
      ['v', {}, 3],
    ],
  ],
  ['{"my.metric",a="b"} 1\n', [['my.metric', { a: 'b' }, 1]]],
  ['{"my \\"metric","my label"="b"} 1\n', [['my "metric', { 'my label': 'b' }, 1]]],
  ['up{__proto__="x",constructor="y"} 1\n', [['up', { ['__proto__']: 'x', constructor: 'y' }, 1]]],
  ['a:b_1 1\n', [['a:b_1', {}, 1]]],
];

test('lines as the formats allow them', (t) => {
  for (const [text, expected] of lineCases) {
    const { report } = decode(text);
    t.is(report.malformedLines, 0, text);
    t.deepEqual(
      samples(text),
      expected.map(([name, labels, value]) => [name, { ...labels }, value]),
      text,
    );
  }
});

const malformed = [
  'up',
  'up ',
  'up{a="b"}',
  'up{a="b} 1',
  'up{a=b} 1',
  'up{a="b" 1',
  'up{a="b"c="d"} 1',
  'up{a="b",a="c"} 1',
  'up{a} 1',
  'up{="b"} 1',
  'up{"other"} 1',
  '{a="b"} 1',
  '{"a","b"} 1',
  'up one',
  'up 0x10',
  'up 1_000',
  'up 1e999',
  'up 1 then',
  'up 1 2 3',
  'up 1 # exemplar',
  'up 1 # {a="b"} x',
  'up 1 # {a="b"',
  'my.metric 1',
  '1up 1',
  '<b>up</b> 1',
  '# TYPE up thing',
];

test('a malformed line is counted, explained and skipped, and its neighbours are read', (t) => {
  for (const line of malformed) {
    const { report, series } = decode(`before 1\n${line}\nafter 2\n`);
    t.is(report.malformedLines, 1, line);
    t.true(report.firstMalformed?.includes(line.trim().slice(0, 20)), `${line}: ${report.firstMalformed}`);
    t.is(report.samples, 2, line);
    t.deepEqual(
      series.map(({ name }) => name),
      ['before', 'after'],
      line,
    );
    t.is(report.error, null);
  }
});

test('of duplicates the first counts, whatever the order of labels', (t) => {
  const { report, series } = decode('up{a="1",b="2"} 1\nup{b="2",a="1"} 7\nup{a="1",b="2"} 8\n');
  t.is(report.malformedLines, 2);
  t.deepEqual(
    series.map(({ values }) => values),
    [[1]],
  );
});

test('the same page again and again gives one point each, duplicates still found', (t) => {
  const decoder = new PrometheusTextDecoder('prometheus', 'here');
  const reports = [1, 2, 3].map((at) =>
    decoder.add(`# TYPE up gauge\nup{a="1"} ${at}\nup{a="1"} 9\nlate ${at}.5`, epochMilliseconds(at)),
  );
  t.deepEqual(
    reports.map(({ samples: count, malformedLines }) => [count, malformedLines]),
    [
      [2, 1],
      [2, 1],
      [2, 1],
    ],
  );
  t.deepEqual(
    decoder.finish().map(({ at, values }) => ({ at: at.map(Number), values })),
    [
      { at: [1, 2, 3], values: [1, 2, 3] },
      { at: [1, 2, 3], values: [1.5, 2.5, 3.5] },
    ],
  );
});

test('lines may come, go, grow and change places between pages', (t) => {
  const decoder = new PrometheusTextDecoder('prometheus', 'here');
  const pages = ['a 1\nb 2\n', 'b 3\na 4\nc 5\n', 'c 6\n', 'a 7\nbb 8\nb 9\n', 'a 1e1\nb 11 12\n'];
  for (const [index, page] of pages.entries()) decoder.add(page, epochMilliseconds(index));
  t.deepEqual(
    decoder.finish().map(({ name, at, values }) => [name, [...at].map(Number), values]),
    [
      ['a', [0, 1, 3, 4], [1, 4, 7, 10]],
      ['b', [0, 1, 3, 4], [2, 3, 9, 11]],
      ['c', [1, 2], [5, 6]],
      ['bb', [3], [8]],
    ],
  );
});

test('what is not a page of metrics says what it is', (t) => {
  t.regex(decode('<!DOCTYPE html>\n<html>\n<p>Sign in</p>\n').report.error ?? '', /HTML page/);
  t.regex(decode('{"status":"ok"}').report.error ?? '', /no metrics in it/);
  t.regex(decode('').report.error ?? '', /without any metric/);
  t.regex(decode('# only a comment\n').report.error ?? '', /without any metric/);
  t.is(decode('# EOF\n', true).report.error, null);
});

test('OpenMetrics without its # EOF was cut short; nothing may follow it', (t) => {
  t.is(decode('a 1\n# EOF\n', true).report.malformedLines, 0);
  t.regex(decode('a 1\n', true).report.firstMalformed ?? '', /cut short/);
  t.is(decode('a 1\n', false).report.malformedLines, 0);
  const after = decode('a 1\n# EOF\nb 2\n', true);
  t.is(after.report.malformedLines, 1);
  t.is(after.series.length, 1);
});

const kinds = (text: string): Record<string, string> =>
  Object.fromEntries(decode(text).series.map(({ name, kind }) => [name, kind]));

test('types give the kind, in both formats', (t) => {
  t.deepEqual(
    kinds(`# TYPE c_total counter\nc_total 1\n# TYPE g gauge\ng 1\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1
# TYPE s summary\ns{quantile="1"} 1\ns_sum 1\ns_count 1\n# TYPE u untyped\nu 1\nbare_total 1\n`),
    {
      c_total: 'counter',
      g: 'gauge',
      h_bucket: 'histogram-bucket',
      h_sum: 'counter',
      h_count: 'counter',
      s: 'summary-quantile',
      s_sum: 'counter',
      s_count: 'counter',
      u: 'unknown',
      bare_total: 'unknown',
    },
  );
  t.deepEqual(
    kinds(
      '# TYPE c counter\nc_total 1\nc_created 1\n# TYPE "my.i" info\n{"my.i_info"} 1\n# TYPE e stateset\ne{e="a"} 1\n# EOF\n',
    ),
    { c_total: 'counter', c_created: 'gauge', 'my.i_info': 'gauge', e: 'gauge' },
  );
});

test('HELP, TYPE and UNIT are kept, escapes undone', (t) => {
  const { decoder } = decode(
    '# HELP a_seconds One \\\\ two \\n three\n# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n',
  );
  t.deepEqual(decoder.families.get('a_seconds'), { type: 'gauge', help: 'One \\ two \n three', unit: 'seconds' });
});

const sampleLines = (text: string): number => text.split('\n').filter((line) => /^[^#\n]/.test(line)).length;
const namesIn = async (page: string): Promise<Set<string>> =>
  new Set(decode(await capture(`metrics-${page}.txt`)).series.map((each) => each.name));

test('real pages are understood whole, in all four forms alike', async (t) => {
  for (const name of ['default', 'idle', 'loaded', 'utf8', 'openmetrics', 'openmetrics-utf8']) {
    const text = await capture(`metrics-${name}.txt`);
    const { report, series } = decode(text, name.startsWith('openmetrics'));
    t.is(report.malformedLines, 0, `${name}: ${report.firstMalformed}`);
    t.is(report.samples, sampleLines(text), name);
    t.is(series.length, report.samples, name);
    t.deepEqual(
      series.filter(({ kind }) => kind === 'unknown').map((each) => each.name.replaceAll('.', '_')),
      // In OpenMetrics a counter whose name lacks _total is of unknown type.
      name.startsWith('openmetrics') ? ['http_server_requests'] : [],
      name,
    );
  }
  const [plain, openMetrics] = await Promise.all([namesIn('loaded'), namesIn('openmetrics')]);
  for (const name of plain)
    if (name.startsWith('go_') || name.startsWith('process_')) t.true(openMetrics.has(name), name);
  t.true((await namesIn('utf8')).has('http.server.requests'));
});

const hostileText = fc.string({
  unit: fc.constantFrom('"', '\\', '\n', '{', '}', ',', '#', ' ', '=', 'n', 'é', '\t', '\r'),
});
const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,8}$/);
const anyName = fc.oneof(
  name,
  hostileText.filter((text) => text !== '' && !/[\r\n]/.test(text)),
);
const printedSeries = fc.record({
  name: anyName,
  labels: fc.dictionary(
    fc.oneof(
      name.filter((text) => !text.includes(':')),
      anyName,
    ),
    hostileText,
    { maxKeys: 4 },
  ),
  values: fc.array(fc.oneof(fc.double(), fc.integer(), fc.nat()), { minLength: 2, maxLength: 2 }),
});

const quote = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
const printNumber = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
function print(series: { name: string; labels: Record<string, string> }, value: number): string {
  const bare = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(series.name);
  const labels = Object.entries(series.labels).map(
    ([label, text]) => `${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quote(label)}=${quote(text)}`,
  );
  const inside = bare ? labels : [quote(series.name), ...labels];
  return `${bare ? series.name : ''}{${inside.join(',')}} ${printNumber(value)}\n`;
}

const plain = (value: number): number => (Object.is(value, -0) ? 0 : value);

test('what was printed is what is decoded, whatever the names, labels and values', (t) => {
  const distinct = fc.uniqueArray(printedSeries, {
    selector: ({ name: own, labels }) =>
      JSON.stringify([
        own,
        Object.keys(labels)
          .toSorted()
          .map((label) => [label, labels[label]]),
      ]),
    minLength: 1,
  });
  fc.assert(
    fc.property(distinct, (list) => {
      const decoder = new PrometheusTextDecoder('prometheus', 'here');
      for (const page of [0, 1]) {
        const report = decoder.add(
          list.map((each) => print(each, each.values[page] ?? 0)).join(''),
          epochMilliseconds(page),
        );
        t.deepEqual({ ...report }, { samples: list.length, malformedLines: 0, firstMalformed: null, error: null });
      }
      t.deepEqual(
        decoder.finish().map((each) => [each.name, { ...each.labels }, each.values.map(plain)]),
        list.map((each) => [each.name, { ...each.labels }, each.values.map(plain)]),
      );
    }),
    { seed: 20_261_121, numRuns: 500 },
  );
});

test('damaged pages neither throw nor hang nor give other figures the second time', async (t) => {
  const pages = [await capture('metrics-openmetrics-utf8.txt'), await capture('metrics-default.txt')];
  const edit = fc.record({
    page: fc.nat(pages.length - 1),
    cuts: fc.array(fc.record({ at: fc.nat(65_000), remove: fc.nat(30), insert: fc.string({ unit: 'binary' }) }), {
      maxLength: 20,
    }),
  });
  fc.assert(
    fc.property(edit, ({ page, cuts }) => {
      let text = (pages[page] ?? '').slice(0, 20_000);
      for (const { at, remove, insert } of cuts) {
        const place = at % text.length;
        text = text.slice(0, place) + insert + text.slice(place + remove);
      }
      const [first, second] = [decode(text), decode(text)];
      t.deepEqual(first.report, second.report);
      t.deepEqual(first.series, second.series);
      t.true(first.report.samples <= text.split('\n').length);
    }),
    { seed: 20_261_121, numRuns: 100 },
  );
});

test('long garbage costs time in proportion to its length', (t) => {
  // A search that leaves its line, or a pattern that backtracks, takes minutes for these; the test's time limit ends it.
  const size = 1_000_000;
  for (const text of [
    '{'.repeat(size),
    '"'.repeat(size),
    `a{b="${'\\"'.repeat(size)}`,
    `a ${'1'.repeat(size)}x`,
    `# TYPE "${'\\"'.repeat(size)}`,
    `# HELP a ${' '.repeat(size)}x\n`.repeat(2),
    `a{b="c\n`.repeat(size / 10),
    ' '.repeat(size),
    `a 1 # {${'a="b",'.repeat(size / 10)}`,
    '\\n'.repeat(size),
  ]) {
    t.is(decode(text).report.samples, 0);
  }
  t.pass();
});
