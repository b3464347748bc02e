import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../fixtures/reference/holm.json' with { type: 'json' };
import { holm } from './holm.ts';

test('agrees with the definition of the procedure', (t) => {
  t.true(reference.cases.length > 5);
  for (const { pValues, adjusted } of reference.cases) t.deepEqual(holm(pValues), adjusted);
});

const family = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

test('keeps the order, never makes a p smaller, and is no stricter than Bonferroni', (t) => {
  fc.assert(
    fc.property(family, (pValues) => {
      const adjusted = holm(pValues);
      for (const [left, p] of pValues.entries()) {
        t.true((adjusted[left] ?? -1) >= p);
        t.true((adjusted[left] ?? 2) <= Math.min(1, p * pValues.length));
        for (const [right, q] of pValues.entries())
          if (p <= q) t.true((adjusted[left] ?? 2) <= (adjusted[right] ?? -1));
      }
    }),
    { seed: 8 },
  );
});

test('what is no probability is refused', (t) => {
  for (const wrong of [-0.1, 1.1, Number.NaN]) t.throws(() => holm([0.5, wrong]), { instanceOf: RangeError });
});
