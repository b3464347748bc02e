import test from 'ava';
import { seededRandom } from '../../model/random.ts';
import { mannWhitney } from './mann-whitney.ts';
import { minimumDetectableEffect } from './minimum-detectable-effect.ts';
import { normalQuantile } from './normal-quantile.ts';

const random = seededRandom(21);
const draw = (length: number, centre: number, scatter: number): readonly number[] =>
  Array.from({ length }, () => centre * Math.exp(scatter * normalQuantile(Math.max(random.next(), Number.EPSILON))));

/** Values with exactly this standard deviation of their logarithms. */
const spread = (length: number, scatter: number): readonly number[] => {
  const raw = Array.from({ length }, (_, at) => at - (length - 1) / 2);
  const deviation = Math.sqrt(raw.reduce((sum, value) => sum + value ** 2, 0) / (length - 1));
  return raw.map((value) => 100 * Math.exp((value / deviation) * scatter));
};

test('a change of this size is found in about 80 of 100 repetitions', (t) => {
  const scatter = 0.03;
  for (const runs of [4, 5, 8, 12, 25]) {
    const effect = minimumDetectableEffect(spread(runs, scatter), spread(runs, scatter), 0.05);
    t.truthy(effect);
    let found = 0;
    const repetitions = 600;
    for (let each = 0; each < repetitions; each++) {
      const { pValue } = mannWhitney(draw(runs, 100, scatter), draw(runs, 100 * (1 + (effect ?? 0)), scatter));
      if (pValue <= 0.05) found++;
    }
    // 600 repetitions: four standard errors are 6.5 of 100.
    t.true(Math.abs(found / repetitions - 0.8) < 0.065, `${runs} runs: ${found} of ${repetitions} at ${effect}`);
  }
});

const logOf = (scatter: number): number =>
  Math.log1p(minimumDetectableEffect(spread(6, scatter), spread(6, scatter), 0.05) ?? 0);

test('more runs see smaller changes; scatter scales what is seen', (t) => {
  const effects = [4, 6, 10, 20, 40].map((runs) =>
    minimumDetectableEffect(spread(runs, 0.02), spread(runs, 0.02), 0.05),
  );
  for (const [at, effect] of effects.slice(1).entries()) t.true((effect ?? 1) < (effects[at] ?? 0), String(effects));
  t.true(Math.abs(logOf(0.06) / logOf(0.02) - 3) < 1e-9);
});

test('unknown where the test cannot find anything, and where there is no logarithm', (t) => {
  t.is(minimumDetectableEffect([1, 2, 3], [1, 2, 3], 0.05), null);
  t.is(minimumDetectableEffect([1, 2, 3, 4], [1, 2, 3, 4], 0.05 / 2), null);
  t.is(minimumDetectableEffect([0, 1, 2, 3], [1, 2, 3, 4], 0.05), null);
  t.is(minimumDetectableEffect([1], [1, 2, 3, 4], 0.05), null);
  t.is(minimumDetectableEffect([5, 5, 5, 5], [5, 5, 5, 5], 0.05), 0);
});
