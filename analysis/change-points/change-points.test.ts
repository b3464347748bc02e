import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../fixtures/reference/change-points.json' with { type: 'json' };
import { changePoints, otavaSettings } from './change-points.ts';
import { confirmChange } from './confirm-change.ts';
import { correlationOfNights } from './correlation-of-nights.ts';
import { fillGaps } from './fill-gaps.ts';

const near = (seen: number, truth: number, digits: number): boolean =>
  seen === truth || Math.abs(seen - truth) <= digits * Math.abs(truth);

test('points, means and p are those of Apache Otava', (t) => {
  let points = 0;
  for (const [at, { series, answers }] of reference.cases.entries())
    for (const { points: expected, ...settings } of answers) {
      const seen = changePoints(fillGaps(series), settings);
      const what = `series ${at}, ${JSON.stringify(settings)}`;
      t.deepEqual(
        seen.map(({ index }) => index),
        expected.map(({ index }) => index),
        what,
      );
      for (const [which, { meanBefore, meanAfter, pValue }] of expected.entries()) {
        const point = seen[which];
        t.true(near(point?.meanBefore ?? 0, meanBefore, 1e-13) && near(point?.meanAfter ?? 0, meanAfter, 1e-13), what);
        t.true(near(point?.pValue ?? -1, pValue, 1e-9), `${what}: ${point?.pValue} for ${pValue}`);
        points++;
      }
    }
  t.true(points > 100);
});

const series = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 90 });

test('another unit finds the same points; an index is never 0 nor beyond the end', (t) => {
  fc.assert(
    fc.property(series, (values) => {
      const settings = { window: 20, pValue: 0.05, magnitude: 0.1 };
      const points = changePoints(values, settings);
      t.deepEqual(
        changePoints(
          values.map((value) => value * 8),
          settings,
        ).map(({ index }) => index),
        points.map(({ index }) => index),
      );
      for (const { index, pValue } of points) t.true(index > 0 && index < values.length && pValue < settings.pValue);
    }),
    { seed: 8 },
  );
});

test('gaps repeat what was before them, at the beginning what comes after', (t) => {
  t.deepEqual(fillGaps([null, null, 3, null, 4, null]), [3, 3, 3, 3, 4, 4]);
  t.deepEqual(fillGaps([null]), []);
});

test('a window that cannot be split is refused', (t) => {
  t.throws(() => changePoints([1, 2, 3], { ...otavaSettings, window: 1 }), { instanceOf: RangeError });
});

test('confirmations are of the values, either way', (t) => {
  const low = [100, 101, 99, 100.5, 99.5];
  const high = [110, 111, 109, 110.5, 109.5];
  t.deepEqual(confirmChange(low, high, 0.05, 0.05), ['mann-whitney', 'practical-threshold']);
  t.deepEqual(confirmChange(high, low, 0.05, 0.05), ['mann-whitney', 'practical-threshold']);
  t.deepEqual(confirmChange(low, high, 0.05, 0.2), ['mann-whitney']);
  t.deepEqual(confirmChange([100], [200], 0.05, 0.05), ['practical-threshold']);
  t.deepEqual(confirmChange([], [200], 0.05, 0.05), []);
});

test('correlated nights are told from independent ones, a step is no correlation', (t) => {
  const wave = Array.from({ length: 60 }, (_, at) => 100 + Math.sin(at / 4));
  t.true((correlationOfNights(wave, []) ?? 0) > 0.8);
  const zigzag = Array.from({ length: 60 }, (_, at) => (at < 30 ? 100 : 120) + (at % 2));
  t.is(correlationOfNights(zigzag, [30]), null);
  t.true((correlationOfNights(zigzag, []) ?? 0) > 0.8);
  t.is(correlationOfNights(wave.slice(0, 10), []), null);
});
