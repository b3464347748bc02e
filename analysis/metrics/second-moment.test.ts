import test from 'ava';
import * as fc from 'fast-check';
import { epochMilliseconds } from '../../model/units.ts';
import type { HistogramIncrease } from './histogram-series.ts';
import { secondMoment } from './second-moment.ts';

const bounds = [1, 2, 5, 10, 20, 50, Infinity];

function counted(values: readonly number[], sum: number | null): HistogramIncrease {
  const counts = bounds.map(
    (bound, index) => values.filter((value) => value <= bound && value > (bounds[index - 1] ?? -1)).length,
  );
  const at = epochMilliseconds(0);
  return { upperBounds: bounds, counts, total: values.length, sum, from: at, to: at, resets: [] };
}
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const squares = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value ** 2, 0) / values.length;

test('the values that were counted always lie between both', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { minLength: 1, maxLength: 40 }), (values) => {
        const found = secondMoment(counted(values, sumOf(values)));
        const exact = squares(values);
        return found !== null && found.low <= exact * (1 + 1e-9) + 1e-9 && exact <= found.high * (1 + 1e-9) + 1e-9;
      }),
      { seed: 3 },
    ),
  );
});

test('both ends are reached: all values alike, and values at the ends of their buckets', (t) => {
  // Two values between 2 and 5 whose sum is 6: at least 3² each; at most 2² and, lifted by 2 of the 3 there is room for, 2² + 2 · 7.
  t.deepEqual(secondMoment(counted([3, 3], 6)), { low: 9, high: (4 + 4 + 2 * 7) / 2 });
  const ends = secondMoment(counted([2.0001, 5], 7.0001));
  t.true(Math.abs((ends?.high ?? 0) - squares([2.0001, 5])) < 0.01);
});

test('nothing counted, no sum, a sum that cannot be, and values beyond the last bound', (t) => {
  t.is(secondMoment(counted([], 0)), null);
  t.is(secondMoment(counted([3], null)), null);
  t.is(secondMoment(counted([3], 400)), null);
  t.is(secondMoment(counted([3, 70], 73))?.high, Infinity);
});
