import test from 'ava';
import reference from '../../fixtures/reference/quantile.json' with { type: 'json' };
import { quantile } from './quantile.ts';

test('agrees with NumPy’s default definition', (t) => {
  for (const { values, probability, value } of reference.cases)
    t.true(Math.abs((quantile(values, probability) ?? Number.NaN) - value) < 1e-9);
});

test('nothing has no quantile, and the list is left as it was', (t) => {
  const list = Object.freeze([3, 1, 2]);
  t.is(quantile([], 0.5), null);
  t.is(quantile(list, 0.5), 2);
  t.throws(() => quantile(list, 1.1), { instanceOf: RangeError });
});
