import test from 'ava';
import beta from '../../fixtures/reference/beta-quantile.json' with { type: 'json' };
import fisher from '../../fixtures/reference/f-quantile.json' with { type: 'json' };
import { relativeError } from '../../fixtures/relative-error.ts';
import { betaProbability } from './beta-probability.ts';
import { betaQuantile } from './beta-quantile.ts';
import { fQuantile } from './f-quantile.ts';
import { studentTQuantile } from './student-t.ts';

const asked = 1e-8;

test('beta quantiles and probabilities agree with SciPy, near 0 and near 1 as well', (t) => {
  for (const { probability, a, b, value, above } of beta.cases) {
    const seen = betaQuantile(probability, a, b);
    t.true(relativeError(seen.value, value) < asked, `${probability}, ${a}, ${b}: ${seen.value} for ${value}`);
    t.true(relativeError(seen.above, above) < asked, `${probability}, ${a}, ${b}: 1 − ${seen.above} for ${above}`);
    t.true(relativeError(betaProbability(value, a, b, above), probability) < asked);
  }
});

test('F quantiles agree with SciPy, and with the square of Student’s t', (t) => {
  for (const { probability, degrees, residualDegrees, value } of fisher.cases) {
    const seen = fQuantile(probability, degrees, residualDegrees);
    t.true(relativeError(seen, value) < asked, `${probability}, ${degrees}, ${residualDegrees}: ${seen} for ${value}`);
  }
  for (const degrees of [1, 2, 9, 100])
    t.true(relativeError(fQuantile(0.95, 1, degrees), studentTQuantile(0.975, degrees) ** 2) < asked);
});

test('what is no distribution or no probability is refused', (t) => {
  const refused = { instanceOf: RangeError };
  t.throws(() => betaQuantile(0, 1, 1), refused);
  t.throws(() => betaQuantile(0.5, 0, 1), refused);
  t.throws(() => betaProbability(1.1, 1, 1), refused);
  t.throws(() => fQuantile(1, 1, 1), refused);
  t.throws(() => fQuantile(0.5, 0, 1), refused);
});
