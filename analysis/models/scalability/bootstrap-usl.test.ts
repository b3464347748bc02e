import test from 'ava';
import { seededRandom } from '../../../model/random.ts';
import { bootstrapUsl } from './bootstrap-usl.ts';
import { fitCurve } from './fitted-curve.ts';
import type { ScalabilityPoint } from './scalability-point.ts';
import { uslPeakConcurrency, uslThroughput } from './usl-curve.ts';

const truth = { gamma: 1000, alpha: 0.03, beta: 0.0004 };
const levels = [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96];

/** Two runs at each level, which share the level's own error. */
function sample(seed: number): readonly ScalabilityPoint[] {
  const random = seededRandom(seed);
  const error = (size: number): number => size * (random.next() + random.next() + random.next() - 1.5) * 2;
  return levels.flatMap((concurrency) => {
    const shared = uslThroughput(truth, concurrency) + error(150);
    return [0, 1].map(() => ({ concurrency, throughput: shared + error(20) }));
  });
}

const peak = ({ alpha, beta }: { readonly alpha: number; readonly beta: number }): number =>
  uslPeakConcurrency(alpha, beta);

test('whole stages are drawn: the interval holds the truth although rows of a stage err together', (t) => {
  const seeds = 40;
  let held = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const interval = bootstrapUsl(fitCurve(sample(seed), 'usl'), peak, 200, seededRandom(seed));
    if (interval !== null && interval.low <= peak(truth) && peak(truth) <= interval.high) held++;
  }
  t.true(held >= 0.75 * seeds, `${held} of ${seeds}`);
});

test('few stages give nothing to resample', (t) => {
  const few = sample(1).filter(({ concurrency }) => concurrency <= 16);
  t.is(bootstrapUsl(fitCurve(few, 'usl'), peak, 200, seededRandom(1)), null);
});

test('the same seed gives the same interval', (t) => {
  const curve = fitCurve(sample(1), 'usl');
  t.deepEqual(bootstrapUsl(curve, peak, 100, seededRandom(5)), bootstrapUsl(curve, peak, 100, seededRandom(5)));
});
