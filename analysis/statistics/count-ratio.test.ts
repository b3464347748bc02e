import test from 'ava';
import { countRatio } from './count-ratio.ts';

// Exact limits: χ² quantiles, as in any table of confidence limits for Poisson counts.
const exact: readonly (readonly [count: number, low: number, high: number])[] = [
  [10, 4.795, 18.39],
  [25, 16.179, 36.905],
  [100, 81.364, 121.627],
];

test('agrees with the exact limits of a Poisson count', (t) => {
  for (const [count, low, high] of exact) {
    const seen = countRatio(count, 2000, { per: 2000, confidence: 0.95 });
    t.is(seen.estimate, count);
    t.true(Math.abs(seen.low / low - 1) < 0.01, `${seen.low} for ${low}`);
    t.true(Math.abs(seen.high / high - 1) < 0.01, `${seen.high} for ${high}`);
  }
});

test('scales to what is asked for', (t) => {
  t.like(countRatio(50, 500, { per: 1000, confidence: 0.95 }), { estimate: 100 });
});
