import test from 'ava';
import * as fc from 'fast-check';
import { sortedValueAt } from './sorted-value-at.ts';

const lists = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 3 })), { minLength: 1 });

test('what stands there after sorting, and the values are the same ones', (t) => {
  fc.assert(
    fc.property(lists, fc.nat(), (list, any) => {
      const place = any % list.length;
      const values = Float64Array.from(list);
      const sorted = values.toSorted();
      return sortedValueAt(values, place) === sorted[place] && Object.is(String(values.toSorted()), String(sorted));
    }),
    { seed: 7, numRuns: 1000 },
  );
  t.pass();
});

test('several places of one list, sorted, falling and level lists', (t) => {
  for (const list of [
    Float64Array.from({ length: 5000 }, (_, index) => index),
    Float64Array.from({ length: 5000 }, (_, index) => 5000 - index),
    new Float64Array(5000).fill(3),
  ]) {
    const sorted = list.toSorted();
    for (const place of [0, 2500, 4950, 4999]) t.is(sortedValueAt(list, place), sorted[place] ?? Number.NaN);
  }
});
