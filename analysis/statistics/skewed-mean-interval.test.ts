import test from 'ava';
import reference from '../../fixtures/reference/skewed-mean-interval.json' with { type: 'json' };
import { skewedMeanInterval } from './skewed-mean-interval.ts';

test('agrees with the NumPy transcription of the paper', (t) => {
  for (const { values, confidence, low, high } of reference.cases) {
    const seen = skewedMeanInterval(values, confidence);
    t.true(Math.abs(seen.low - low) < 1e-6 * Math.max(1, Math.abs(low)), `${seen.low} for ${low}`);
    t.true(Math.abs(seen.high - high) < 1e-6 * Math.max(1, Math.abs(high)), `${seen.high} for ${high}`);
  }
});

test('without skewness it is Student’s interval', (t) => {
  // Mean 0, s² = 2.5, t(0.975, 4) = 2.776445; neighbours are negatively correlated.
  const { low, high } = skewedMeanInterval([0, 2, -1, 1, -2], 0.95);
  const half = 2.776445105 * Math.sqrt(2.5 / 5);
  t.true(Math.abs(low + half) < 1e-6 && Math.abs(high - half) < 1e-6);
});

test('is never shorter than the floor, and one value says nothing', (t) => {
  const { low, high } = skewedMeanInterval([1, 1, 1, 1, 1], 0.95, 4);
  t.true(Math.abs(high - low - 2 * 2 * 2.776445105) < 1e-6);
  t.deepEqual(skewedMeanInterval([1], 0.95), { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
});
