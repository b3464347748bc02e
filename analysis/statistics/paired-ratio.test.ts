import test from 'ava';
import reference from '../../fixtures/reference/paired-ratio.json' with { type: 'json' };
import { pairedRatio } from './paired-ratio.ts';

const near = (seen: number, truth: number): boolean => Math.abs(seen - truth) < 1e-6 * truth;

test('agrees with SciPy', (t) => {
  t.true(reference.cases.length > 5);
  for (const { ratios, confidence, estimate, low, high } of reference.cases) {
    const seen = pairedRatio(ratios, confidence);
    t.true(near(seen.estimate, estimate) && near(seen.low, low) && near(seen.high, high), JSON.stringify(seen));
  }
});

test('a doubling and a halving cancel', (t) => {
  t.true(near(pairedRatio([2, 0.5, 4, 0.25], 0.95).estimate, 1));
});

test('pairs that agree leave no doubt; the method says how many there were', (t) => {
  const seen = pairedRatio([1.5, 1.5, 1.5], 0.95, 'stages');
  t.true(near(seen.low, 1.5) && near(seen.high, 1.5));
  t.is(seen.method, "Student's t on the log ratios of 3 stages");
});

test('one pair, and what is no ratio, are refused', (t) => {
  t.throws(() => pairedRatio([1.1], 0.95), { instanceOf: RangeError });
  for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    t.throws(() => pairedRatio([1.1, wrong], 0.95), { instanceOf: RangeError });
});
