import test from 'ava';
import reference from '../../fixtures/reference/moments.json' with { type: 'json' };
import { momentsOf } from './moments.ts';

test('agrees with NumPy and SciPy', (t) => {
  for (const { values, ...expected } of reference.cases) {
    const seen = momentsOf(values);
    for (const key of ['mean', 'variance', 'skewness', 'lag1'] as const)
      t.true(Math.abs(seen[key] - expected[key]) < 1e-9, `${key} ${seen[key]} for ${expected[key]}`);
    t.true(Math.abs(seen.skewness - expected.scipySkewness) < 1e-9);
  }
});

test('what has no spread has no skewness, and nothing has no moments', (t) => {
  t.deepEqual(momentsOf([2, 2, 2]), { mean: 2, variance: 0, skewness: 0, lag1: 0 });
  t.throws(() => momentsOf([]), { instanceOf: RangeError });
});
