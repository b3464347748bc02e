import test from 'ava';
import { seededRandom } from '../../model/random.ts';
import { normalQuantile } from './normal-quantile.ts';
import { weightedLine } from './weighted-line.ts';

const close = (value: number | undefined, expected: number): boolean =>
  value !== undefined && Math.abs(value - expected) < 1e-9;

test('points on a line give that line; equal errors give the known standard error', (t) => {
  const line = weightedLine(
    [0, 1, 2, 3].map((x) => ({ x, y: 5 + 2 * x, error: 0.5 })),
    0.95,
  );
  t.true(close(line?.slope, 2) && close(line?.meanX, 1.5) && close(line?.meanY, 8));
  // σ / √Σ(x − x̄)², by hand: 0.5 / √5.
  t.true(close(line?.slopeHigh, 2 + (normalQuantile(0.975) * 0.5) / Math.sqrt(5)));
});

test('a point of great error hardly counts', (t) => {
  const line = weightedLine([...[0, 1, 2].map((x) => ({ x, y: 1, error: 0.01 })), { x: 3, y: 100, error: 1e6 }], 0.95);
  t.true(Math.abs(line?.slope ?? 1) < 1e-6);
});

test('points that scatter more than their errors widen the interval; nothing is said of too few, or of one x', (t) => {
  const points = [0, 1, 2, 3].map((x) => ({ x, y: x % 2, error: 0.01 }));
  const line = weightedLine(points, 0.95);
  t.true(line !== null && line.slopeHigh - line.slopeLow > 1, JSON.stringify(line));
  t.is(weightedLine(points.slice(0, 2), 0.95), null);
  t.is(
    weightedLine(
      [1, 2, 3].map((y) => ({ x: 4, y, error: 1 })),
      0.95,
    ),
    null,
  );
  t.is(
    weightedLine(
      [1, 2, 3].map((x) => ({ x, y: x, error: 0 })),
      0.95,
    ),
    null,
  );
});

test('the interval holds the true slope as often as it says, also where errors were told too small by half', (t) => {
  const random = seededRandom(7);
  const normal = (): number => Math.sqrt(2 * random.exponential()) * Math.cos(2 * Math.PI * random.next());
  for (const [told, least] of [
    [1, 0.93],
    [0.5, 0.9],
  ] as const) {
    let held = 0;
    for (let round = 0; round < 1000; round++) {
      const points = [1, 2, 4, 6, 8, 10].map((x) => ({ x, y: 3 + 0.7 * x + normal(), error: told }));
      const line = weightedLine(points, 0.95);
      if (line !== null && line.slopeLow <= 0.7 && 0.7 <= line.slopeHigh) held++;
    }
    t.true(held / 1000 >= least, `${told}: ${held}`);
  }
});
