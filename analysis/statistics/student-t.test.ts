import test from 'ava';
import reference from '../../fixtures/reference/student-t.json' with { type: 'json' };
import { studentTQuantile } from './student-t.ts';

test('agrees with SciPy to 1e-8', (t) => {
  for (const { probability, degreesOfFreedom, value } of reference.cases) {
    const seen = studentTQuantile(probability, degreesOfFreedom);
    t.true(
      Math.abs(seen - value) <= 1e-8 * Math.max(1, Math.abs(value)),
      `${probability}, ${degreesOfFreedom}: ${seen} for ${value}`,
    );
  }
});

test('refuses what has no quantile', (t) => {
  t.throws(() => studentTQuantile(0, 5), { instanceOf: RangeError });
  t.throws(() => studentTQuantile(1, 5), { instanceOf: RangeError });
  t.throws(() => studentTQuantile(0.5, 0), { instanceOf: RangeError });
});
