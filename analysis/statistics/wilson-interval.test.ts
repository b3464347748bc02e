import test from 'ava';
import reference from '../../fixtures/reference/wilson.json' with { type: 'json' };
import { normalQuantile } from './normal-quantile.ts';
import { wilsonInterval } from './wilson-interval.ts';

test('agrees with SciPy', (t) => {
  for (const { hits, trials, confidence, low, high } of reference.cases) {
    const seen = wilsonInterval(hits / trials, trials, normalQuantile((1 + confidence) / 2));
    t.true(Math.abs(seen.low - low) < 1e-9, `${hits}/${trials} low ${seen.low} for ${low}`);
    t.true(Math.abs(seen.high - high) < 1e-9, `${hits}/${trials} high ${seen.high} for ${high}`);
  }
});

test('without trials anything is possible', (t) => {
  t.deepEqual(wilsonInterval(0, 0, 1.96), { low: 0, high: 1 });
});
