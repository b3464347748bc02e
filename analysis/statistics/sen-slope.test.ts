import test from 'ava';
import { seededRandom } from '../../model/random.ts';
import { senSlope } from './sen-slope.ts';

test('a line has its slope, and so has one with a wild point', (t) => {
  const line = Array.from({ length: 12 }, (_, x) => [x, 3 * x - 5] as const);
  t.deepEqual(senSlope(line, 0.95), { slope: 3, low: 3, high: 3 });
  const wild = line.map(([x, y]) => [x, x === 4 ? 1e9 : y] as const);
  t.is(senSlope(wild, 0.95)?.slope, 3);
});

test('the median of the slopes of pairs, and Kendall’s ranks around it', (t) => {
  const heights = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8];
  const seen = senSlope(
    heights.map((y, x) => [x, y] as const),
    0.95,
  );
  const slopes = heights
    .flatMap((y, x) => heights.slice(x + 1).map((other, after) => (other - y) / (after + 1)))
    .toSorted((one, other) => one - other);
  t.is(slopes.length, 45);
  t.is(seen?.slope, slopes[22]);
  // 1.96 · √(10 · 9 · 25 / 18) = 21.9: ranks (45 ∓ 21.9) / 2, counted from 1 the 11th and the 35th.
  t.is(seen?.low, slopes[10]);
  t.is(seen?.high, slopes[34]);
});

test('its interval holds the truth about as often as it says', (t) => {
  const random = seededRandom(7);
  let held = 0;
  const runs = 400;
  for (let run = 0; run < runs; run++) {
    // Skewed scatter: garbage that was not yet collected only adds.
    const points = Array.from({ length: 25 }, (_, x) => [x, 0.4 * x + 10 * random.exponential()] as const);
    const seen = senSlope(points, 0.95);
    if (seen !== null && seen.low <= 0.4 && seen.high >= 0.4) held++;
  }
  t.true(held / runs > 0.92 && held / runs < 0.99, `${held} of ${runs}`);
});

test('few points and points at one x have none', (t) => {
  t.is(
    senSlope(
      Array.from({ length: 7 }, (_, x) => [x, x] as const),
      0.95,
    ),
    null,
  );
  t.is(
    senSlope(
      Array.from({ length: 9 }, (_, y) => [1, y] as const),
      0.95,
    ),
    null,
  );
});
