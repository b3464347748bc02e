import test from 'ava';
import reference from '../../fixtures/reference/effective-sample-size.json' with { type: 'json' };
import { effectiveSampleSize, effectiveSampleSizeLag1 } from './effective-sample-size.ts';

test('agrees with the NumPy transcription', (t) => {
  for (const { name, series, value } of reference.cases)
    t.true(Math.abs(effectiveSampleSize(series) - value) < 1e-6 * value, name);
});

test('knows what an AR(1) series is worth: n (1 − φ) / (1 + φ)', (t) => {
  const series = reference.cases.find(({ name }) => name === 'phi 0.9')?.series ?? [];
  const truth = (1000 * (1 - 0.9)) / (1 + 0.9);
  for (const size of [effectiveSampleSize(series), effectiveSampleSizeLag1(series)]) {
    t.true(size > truth / 2 && size < truth * 2, `${size} for ${truth}`);
  }
});

test('is never more than there are values', (t) => {
  const alternating = Array.from({ length: 50 }, (_, index) => index % 2);
  t.is(effectiveSampleSize(alternating), 50);
  t.is(effectiveSampleSizeLag1(alternating), 50);
  t.is(effectiveSampleSize([1, 1, 1, 1, 1]), 5);
});
