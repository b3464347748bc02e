import { readFile } from 'node:fs/promises';
import test from 'ava';
import * as fc from 'fast-check';
import type { Series } from '../../model/series.ts';
import { epochMilliseconds, seconds } from '../../model/units.ts';
import {
  type HistogramIncrease,
  type HistogramSeries,
  convertHistogram,
  histogramIn,
  histogramsOf,
  quantileBetween,
  shareWithin,
  sumOfHistograms,
} from './histogram-series.ts';
import { PrometheusTextDecoder } from './prometheus-text.ts';
import type { TimeWindow } from './series-window.ts';

const always: TimeWindow = { from: epochMilliseconds(-Infinity), to: epochMilliseconds(Infinity) };

function decode(...pages: readonly string[]): Series[] {
  const decoder = new PrometheusTextDecoder('prometheus', 'here');
  for (const [second, page] of pages.entries()) decoder.add(page, epochMilliseconds(second * 1000));
  return decoder.finish();
}
const only = (list: readonly HistogramSeries[]): HistogramSeries => {
  const [first, second] = list;
  if (first === undefined || second !== undefined) throw new Error(`${list.length} histograms instead of one`);
  return first;
};
const increaseOf = (histogram: HistogramSeries | null | undefined): HistogramIncrease | null =>
  histogram === null || histogram === undefined ? null : histogramIn(histogram, always);
const page = (counts: readonly [string, number][], sum = 0): string =>
  [
    ...counts.map(([le, count]) => `h_bucket{le="${le}"} ${count}`),
    `h_sum ${sum}`,
    `h_count ${counts.at(-1)?.[1]}`,
  ].join('\n');

test('bounds are numbers: their order in the page and their spelling do not matter', (t) => {
  const histogram = only(
    histogramsOf(
      decode(
        page([
          ['+Inf', 9],
          ['1', 5],
          ['0.1', 2],
          ['10', 8],
        ]),
        page([
          ['0.10', 4],
          ['1.0', 10],
          ['1e1', 18],
          ['+Inf', 20],
        ]),
      ),
      'h',
    ),
  );
  t.deepEqual(
    histogram.buckets.map(({ upperBound }) => upperBound),
    [0.1, 1, 10, Infinity],
  );
  const increase = histogramIn(histogram, always);
  t.deepEqual(increase?.counts, [2, 3, 5, 1]);
  t.is(increase?.total, 11);
});

test('the sum, resets and the span come with it', (t) => {
  const histogram = only(
    histogramsOf(
      decode(
        page(
          [
            ['1', 1],
            ['+Inf', 2],
          ],
          3,
        ),
        page(
          [
            ['1', 4],
            ['+Inf', 6],
          ],
          9,
        ),
        page(
          [
            ['1', 1],
            ['+Inf', 1],
          ],
          0.5,
        ),
      ),
      'h',
    ),
  );
  t.like(histogramIn(histogram, always), {
    total: 5,
    sum: 6.5,
    from: epochMilliseconds(0),
    to: epochMilliseconds(2000),
    resets: [epochMilliseconds(2000)],
  });
});

const labelled = (route: string, counts: readonly [string, number][]): string =>
  counts.map(([le, count]) => `h_bucket{route="${route}",le="${le}"} ${count}\n`).join('');

test('a family of several label sets is several histograms, and their sum is one', (t) => {
  const pages = [
    labelled('a', [
      ['1', 1],
      ['+Inf', 1],
    ]),
    labelled('a', [
      ['1', 4],
      ['+Inf', 6],
    ]) +
      labelled('b', [
        ['1', 10],
        ['+Inf', 20],
      ]),
  ];
  const parts = histogramsOf(decode(...pages), 'h');
  t.deepEqual(
    parts.map(({ labels }) => labels),
    [{ route: 'a' }, { route: 'b' }],
  );
  t.is(increaseOf(parts[1]), null);
  // In the sum, what appears only later has counted from nothing.
  t.deepEqual(increaseOf(sumOfHistograms(parts))?.counts, [13, 12]);
  t.is(sumOfHistograms([]), null);
  t.is(
    sumOfHistograms([
      ...parts,
      ...histogramsOf(
        decode(
          page([
            ['2', 1],
            ['+Inf', 1],
          ]),
        ),
        'h',
      ),
    ]),
    null,
  );
});

test('without buckets there is one, without bound; without that there is nothing', (t) => {
  const summary = only(histogramsOf(decode('s_sum 1\ns_count 2\n', 's_sum 4\ns_count 8\n'), 's'));
  t.like(histogramIn(summary, always), { upperBounds: [Infinity], counts: [6], sum: 3 });
  const cut = only(histogramsOf(decode('h_bucket{le="1"} 1', 'h_bucket{le="1"} 3'), 'h'));
  t.is(histogramIn(cut, always), null);
});

test('a quantile is the bucket it lies in', (t) => {
  const increase = {
    upperBounds: [0.1, 1, 10, Infinity],
    counts: [90, 9, 1, 0],
    total: 100,
    sum: null,
    from: always.from,
    to: always.to,
    resets: [],
  };
  t.deepEqual(quantileBetween(increase, 0.5), { low: 0, high: 0.1 });
  t.deepEqual(quantileBetween(increase, 0.9), { low: 0, high: 0.1 });
  t.deepEqual(quantileBetween(increase, 0.901), { low: 0.1, high: 1 });
  t.deepEqual(quantileBetween(increase, 0.99), { low: 0.1, high: 1 });
  t.deepEqual(quantileBetween(increase, 1), { low: 1, high: 10 });
  t.deepEqual(quantileBetween({ ...increase, counts: [0, 0, 0, 5], total: 5 }, 0), { low: 10, high: Infinity });
  t.is(quantileBetween({ ...increase, counts: [0, 0, 0, 0], total: 0 }, 0.5), null);
});

test('the share within a limit is exact on a bound and an interval between two', (t) => {
  const inSeconds = only(
    histogramsOf(
      decode(
        page([
          ['0.1', 0],
          ['0.5', 0],
          ['+Inf', 0],
        ]),
        page([
          ['0.1', 95],
          ['0.5', 99],
          ['+Inf', 100],
        ]),
      ),
      'h',
    ),
  );
  const increase = histogramIn(convertHistogram(inSeconds, seconds), always);
  if (increase === null) throw new Error('no increase');
  t.deepEqual(shareWithin(increase, 100), { low: 0.95, high: 0.95 });
  t.deepEqual(shareWithin(increase, 300), { low: 0.95, high: 0.99 });
  t.deepEqual(shareWithin(increase, 50), { low: 0, high: 0.95 });
  t.deepEqual(shareWithin(increase, 5000), { low: 0.99, high: 1 });
});

test('the interval always holds the quantile of the values themselves', (t) => {
  const bounds = [1, 5, 10, 50, 100];
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const cumulative = [...bounds, Infinity].map((bound): [string, number] => [
          bound === Infinity ? '+Inf' : String(bound),
          values.filter((value) => value <= bound).length,
        ]);
        const none = cumulative.map(([le]): [string, number] => [le, 0]);
        const increase = histogramIn(only(histogramsOf(decode(page(none), page(cumulative)), 'h')), always);
        const sorted = values.toSorted((one, other) => one - other);
        const truth = sorted[Math.max(0, Math.ceil(q * values.length - 1e-9) - 1)] ?? 0;
        const found = increase === null ? null : quantileBetween(increase, q);
        t.true(found !== null && found.low < truth && truth <= found.high, `${q} of ${sorted.join(' ')}`);
      },
    ),
    { seed: 20_261_121, numRuns: 200 },
  );
});

const capture = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/captures/metrics-${name}.txt`, import.meta.url), 'utf8');

test('Go times scheduling in steps of ten: the p99 is told as such a step', async (t) => {
  const series = decode(await capture('idle'), await capture('loaded'));
  const increase = histogramIn(
    convertHistogram(only(histogramsOf(series, 'go_sched_latencies_seconds')), seconds),
    always,
  );
  if (increase === null) throw new Error('no increase');
  t.is(increase.total, 9418);
  const p99 = quantileBetween(increase, 0.99);
  t.true(
    Math.abs((p99?.low ?? 0) - 0.08192) < 1e-9 && Math.abs((p99?.high ?? 0) - 0.917504) < 1e-9,
    JSON.stringify(p99),
  );
});
