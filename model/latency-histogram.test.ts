import test from 'ava';
import * as fc from 'fast-check';
import { Int32Histogram } from 'hdr-histogram-js';
import { LatencyHistogram } from './latency-histogram.ts';
import { microseconds } from './units.ts';

const values = fc.array(fc.integer({ min: 0, max: 100_000_000 }), { minLength: 1, maxLength: 300 });

function histogramOf(list: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of list) histogram.record(microseconds(value));
  return histogram;
}

test('quantiles are type 1 quantiles of the recorded values to three digits', (t) => {
  fc.assert(
    fc.property(values, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 0.999, 1), (list, quantile) => {
      const sorted = list.toSorted((a, b) => a - b);
      const truth = sorted[Math.max(0, Math.ceil(quantile * sorted.length - 1e-9) - 1)] ?? Number.NaN;
      const seen = (histogramOf(list).quantile(quantile) ?? Number.NaN) * 1000;
      return Math.abs(seen - truth) <= truth * 0.001 + 1;
    }),
    { seed: 1 },
  );
  t.pass();
});

test('merging is the same as recording everything in one', (t) => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const merged = LatencyHistogram.merge([histogramOf(left), histogramOf(right)]);
      return merged.encode() === histogramOf([...left, ...right]).encode();
    }),
    { seed: 2 },
  );
  t.pass();
});

test('decode and encode are each other’s inverse', (t) => {
  fc.assert(
    fc.property(values, (list) => {
      const text = histogramOf(list).encode();
      return LatencyHistogram.decode(text).encode() === text;
    }),
    { seed: 3 },
  );
  t.throws(() => LatencyHistogram.decode('not a histogram'));
});

test('a bucket ends where HdrHistogram says it does, for times up to an hour', (t) => {
  const theirs = new Int32Histogram(1, 3_600_000_000, 3);
  const any = fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 3_600_000_000 }));
  fc.assert(
    fc.property(any, (value) => {
      const [bucket, ...others] = histogramOf([value]).buckets();
      return others.length === 0 && bucket?.value === theirs.highestEquivalentValue(value) && bucket.count === 1;
    }),
    { seed: 4, numRuns: 300 },
  );
  t.pass();
});

test('what is added to what was decoded is all there, and the other way round', (t) => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const one = LatencyHistogram.decode(histogramOf(left).encode());
      one.add(histogramOf(right));
      const other = histogramOf(left);
      other.addEncoded(histogramOf(right).encode());
      other.reset();
      other.addEncoded(histogramOf(right).encode());
      other.addEncoded(histogramOf(left).encode());
      const all = histogramOf([...left, ...right]).encode();
      return one.encode() === all && other.encode() === all;
    }),
    { seed: 5 },
  );
  t.pass();
});

test('buckets add up, and counts at or below a limit follow them', (t) => {
  const histogram = histogramOf([100, 200, 200, 5_000, 1_000_000]);
  t.is(
    [...histogram.buckets()].reduce((sum, { count }) => sum + count, 0),
    5,
  );
  t.is(histogram.countAtOrBelow(microseconds(200)), 3);
  t.is(histogram.countAtOrBelow(microseconds(99)), 0);
  t.is(histogram.countAtOrBelow(microseconds(2_000_000)), 5);
});

test('an empty histogram knows nothing, a value of more than an hour is kept as an hour and said', (t) => {
  const histogram = new LatencyHistogram();
  t.is(histogram.quantile(0.5), null);
  t.is(histogram.max(), null);
  t.is(histogram.mean(), null);
  histogram.record(microseconds(9e9));
  t.is(histogram.count, 1);
  t.is(histogram.clipped, 1);
});
