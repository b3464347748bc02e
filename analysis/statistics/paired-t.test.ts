import test from 'ava';
import { pairedDetectableEffect, pairedT } from './paired-t.ts';

test("equal to SciPy's ttest_1samp", (t) => {
  // scipy.stats.ttest_1samp([...], 0).pvalue; of 0.1 ± 0.1 by hand: t = 1 × √2, one degree of freedom.
  t.true(Math.abs(pairedT([0, 0.2]) - 0.5) < 1e-12);
  // t = 3.162277660168379 (mean 2.5, s 1.2909944, n 4 → 3.873): p of t = 3.872983 with 3 degrees of freedom.
  t.true(Math.abs(pairedT([1, 2, 3, 4]) - 0.030466291662170977) < 1e-9);
});

test('no scatter: all the same, or surely different', (t) => {
  t.is(pairedT([0, 0, 0]), 1);
  t.is(pairedT([0.1, 0.1, 0.1]), 0);
  t.throws(() => pairedT([1]), { instanceOf: RangeError });
});

const scattered = (pairs: number): readonly number[] => {
  const values = Array.from({ length: pairs }, (_, at) => at - (pairs - 1) / 2);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / (pairs - 1));
  return values.map((value) => (value / deviation) * 0.03 * Math.SQRT2);
};

test('the minimum detectable effect at a scatter of 3 % a run is 5.0 % of 8 pairs and 4.3 % of 10', (t) => {
  // Published for the exact noncentral t: 5.0 % and 4.3 %.
  t.true(Math.abs((pairedDetectableEffect(scattered(8), 0.05) ?? 0) - 0.05) < 0.001);
  t.true(Math.abs((pairedDetectableEffect(scattered(10), 0.05) ?? 0) - 0.043) < 0.001);
  t.is(pairedDetectableEffect([0.1], 0.05), null);
});
