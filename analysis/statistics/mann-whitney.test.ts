import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../fixtures/reference/mann-whitney.json' with { type: 'json' };
import { mannWhitney } from './mann-whitney.ts';
import { unpairedRatio } from './unpaired-ratio.ts';

const near = (seen: number, truth: number): boolean =>
  Math.abs(seen - truth) <= 1e-10 * Math.max(Math.abs(truth), 1e-6);
const seeded = { seed: 8, numRuns: 200 };
const values = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 });

test('U and p are those of SciPy, with ties and without', (t) => {
  t.true(reference.cases.length > 50);
  for (const { base, candidate, u, pValue } of reference.cases) {
    const seen = mannWhitney(base, candidate);
    t.is(seen.u, u);
    t.true(near(seen.pValue, pValue), `${base.length} against ${candidate.length}: ${seen.pValue} for ${pValue}`);
  }
});

test('the ratio is the median of all ratios, its interval what the exact test does not reject', (t) => {
  const cases = reference.cases.flatMap(({ ratio, ...samples }) => (ratio === null ? [] : [{ ratio, ...samples }]));
  t.true(cases.length > 30);
  for (const { base, candidate, ratio } of cases) {
    const seen = unpairedRatio(base, candidate, 0.95);
    t.true(near(seen.estimate, ratio.estimate), `${seen.estimate} for ${ratio.estimate}`);
    t.true(near(seen.low, ratio.low), `${base.length} against ${candidate.length}: ${seen.low} for ${ratio.low}`);
    if (ratio.high === null) t.is(seen.high, Number.POSITIVE_INFINITY);
    else t.true(near(seen.high, ratio.high), `${seen.high} for ${ratio.high}`);
  }
});

test('p is that of an enumeration of all deals', (t) => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      fc.pre(first.length + second.length <= 12);
      const { u, pValue, method } = mannWhitney(first, second);
      t.is(method, 'exact');
      const all = [...first, ...second];
      let [lower, upper, deals] = [0, 0, 0];
      for (let mask = 0; mask < 2 ** all.length; mask++) {
        const taken = all.filter((_, at) => (mask >> at) % 2 === 1);
        if (taken.length !== second.length) continue;
        const other = pairsAbove(
          all.filter((_, at) => (mask >> at) % 2 === 0),
          taken,
        );
        deals++;
        if (other <= u) lower++;
        if (other >= u) upper++;
      }
      t.true(near(pValue, Math.min(1, (2 * Math.min(lower, upper)) / deals)));
    }),
    { ...seeded, numRuns: 60 },
  );
});

const pairsAbove = (first: readonly number[], second: readonly number[]): number =>
  second.reduce(
    (sum, above) => sum + first.reduce((of, below) => of + (above > below ? 1 : above === below ? 0.5 : 0), 0),
    0,
  );

test('swapping the samples: the same p, the reciprocal ratio', (t) => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      t.true(near(mannWhitney(first, second).pValue, mannWhitney(second, first).pValue));
      const there = unpairedRatio(first, second, 0.95);
      const back = unpairedRatio(second, first, 0.95);
      t.true(near(there.estimate, 1 / back.estimate));
      t.true(
        near(there.low, 1 / back.high) && near(there.high === Number.POSITIVE_INFINITY ? 0 : 1 / there.high, back.low),
      );
    }),
    seeded,
  );
});

test('another unit changes neither p nor ratio', (t) => {
  fc.assert(
    fc.property(values, values, fc.integer({ min: 1, max: 9 }), (first, second, power) => {
      // Powers of two: multiplication rounds nothing, so ties stay ties.
      const scaled = (list: readonly number[]): readonly number[] => list.map((value) => value * 2 ** power);
      t.deepEqual(mannWhitney(scaled(first), scaled(second)), mannWhitney(first, second));
      t.deepEqual(unpairedRatio(scaled(first), scaled(second), 0.95), unpairedRatio(first, second, 0.95));
    }),
    seeded,
  );
});

test('zeros: alike among themselves, without limit below anything else', (t) => {
  t.like(unpairedRatio([0, 0, 0, 0], [0, 0, 0, 0], 0.95), { estimate: 1, low: 1, high: 1 });
  t.is(unpairedRatio([0, 0, 0, 0], [3, 4, 5, 6], 0.95).estimate, Number.POSITIVE_INFINITY);
  t.is(unpairedRatio([3, 4, 5, 6], [0, 0, 0, 0], 0.95).estimate, 0);
  t.is(unpairedRatio([0, 4], [0, 0], 0.95).estimate, 0);
});

test('what cannot be compared is refused', (t) => {
  for (const wrong of [[], [Number.NaN]]) {
    t.throws(() => mannWhitney(wrong, [1]), { instanceOf: RangeError });
    t.throws(() => unpairedRatio([1], wrong, 0.95), { instanceOf: RangeError });
  }
  t.throws(() => unpairedRatio([1, -1], [1], 0.95), { instanceOf: RangeError });
});

test('far beyond what is exact it stays quick and close', (t) => {
  const first = Array.from({ length: 100 }, (_, at) => at);
  const second = first.map((value) => value + 12.5);
  const exact = mannWhitney(first, second);
  t.is(exact.method, 'exact');
  const approximate = mannWhitney([...first, 49.25], second);
  t.not(approximate.method, 'exact');
  t.true(Math.abs(approximate.pValue - exact.pValue) < 0.1 * exact.pValue);
});
