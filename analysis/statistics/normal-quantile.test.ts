import test from 'ava';
import reference from '../../fixtures/reference/normal-quantile.json' with { type: 'json' };
import { normalQuantile } from './normal-quantile.ts';

test('agrees with SciPy to 1e-8', (t) => {
  for (const { probability, value } of reference.cases)
    t.true(
      Math.abs(normalQuantile(probability) - value) <= 1e-8,
      `${probability}: ${normalQuantile(probability)} for ${value}`,
    );
  t.throws(() => normalQuantile(1), { instanceOf: RangeError });
});
