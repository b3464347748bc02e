import test from 'ava';
import reference from '../../fixtures/reference/slope.json' with { type: 'json' };
import { slope } from './slope.ts';

test('agrees with SciPy, also far from the origin', (t) => {
  for (const { x, y, value } of reference.cases) {
    const seen = slope(x.map((at, index) => [at, y[index] ?? 0]));
    t.true(Math.abs((seen ?? Number.NaN) - value) <= 1e-9 * Math.max(1, Math.abs(value)), `${seen} for ${value}`);
  }
});

test('too few points have no slope', (t) => {
  t.is(slope([]), null);
  t.is(
    slope([
      [1, 1],
      [2, 2],
    ]),
    null,
  );
  t.is(
    slope([
      [1, 1],
      [1, 2],
      [1, 3],
    ]),
    null,
  );
});
