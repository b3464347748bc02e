import test from 'ava';
import { unpairedDifference } from './unpaired-difference.ts';

test('the median of all differences, with the interval of the Mann–Whitney test', (t) => {
  // 4 against 4: of 16 differences the first from both ends (P(U = 0) = 1/70, twice that is 2.9 %).
  const seen = unpairedDifference([1, 2, 3, 4], [11, 12, 13, 14], 0.95);
  t.like(seen, { estimate: 10, low: 7, high: 13, confidence: 0.95 });
  const swapped = unpairedDifference([11, 12, 13, 14], [1, 2, 3, 4], 0.95);
  t.like(swapped, { estimate: -10, low: -13, high: -7 });
});

test('few values set no limit, equal ones differ by nothing', (t) => {
  t.like(unpairedDifference([1], [2], 0.95), { estimate: 1, low: -Infinity, high: Infinity });
  t.like(unpairedDifference([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], 0.95), { estimate: 0, low: 0, high: 0 });
});

test('what is no sample is refused', (t) => {
  t.throws(() => unpairedDifference([], [1], 0.95), { instanceOf: RangeError });
  t.throws(() => unpairedDifference([1], [Number.NaN], 0.95), { instanceOf: RangeError });
});
