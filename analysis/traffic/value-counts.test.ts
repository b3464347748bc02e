import test from 'ava';
import * as fc from 'fast-check';
import { LatencyHistogram } from '../../model/latency-histogram.ts';
import { microseconds, microsecondsOf, milliseconds } from '../../model/units.ts';
import {
  countAbove,
  maximumOfCounts,
  meanOfCounts,
  mergeValueCounts,
  noValues,
  quantileOfCounts,
  valueCountsOf,
} from './value-counts.ts';

const lists = fc.array(fc.array(fc.integer({ min: 0, max: 50_000_000 }), { maxLength: 200 }), {
  minLength: 1,
  maxLength: 5,
});

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(microseconds(value));
  return histogram;
}

test('merged counts answer as the merged histogram does', (t) => {
  fc.assert(
    fc.property(
      lists,
      fc.constantFrom(0.01, 0.5, 0.9, 0.99, 0.999),
      fc.integer({ min: 0, max: 50_000_000 }),
      (parts, quantile, limit) => {
        const all = histogramOf(parts.flat());
        const merged = mergeValueCounts(parts.map((part) => valueCountsOf(histogramOf(part))));
        const expected = all.quantile(quantile);
        return (
          merged.total === all.count &&
          quantileOfCounts(merged, quantile) === (expected === null ? null : microsecondsOf(expected)) &&
          countAbove(merged, limit) === all.count - all.countAtOrBelow(microseconds(limit))
        );
      },
    ),
    { seed: 11 },
  );
  t.pass();
});

test('the mean is that of all values, nothing has none', (t) => {
  const counted = valueCountsOf(histogramOf([1000, 1000, 4000]));
  t.true(Math.abs((meanOfCounts(counted) ?? 0) - 2000) < 4);
  t.true((maximumOfCounts(counted) ?? 0) >= microsecondsOf(milliseconds(4)));
  t.is(meanOfCounts(noValues), null);
  t.is(maximumOfCounts(noValues), null);
  t.is(quantileOfCounts(noValues, 0.5), null);
});
