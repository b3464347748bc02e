import test from 'ava';
import { aic, aicc, akaikeWeights } from './akaike.ts';

// The sums and weights of whole contests are compared with outside figures in model-contest.test.ts.
test('Burnham and Anderson’s formula, and none for too few observations', (t) => {
  t.is(aic(10, 2, 10, 0), 6);
  t.is(aicc(10, 2, 10, 0), 6 + 24 / 6);
  t.is(aicc(4, 2, 10, 0), null);
  t.not(aicc(5, 2, 10, 0), null);
  t.is(aic(10, 2, 1e-30, 10), 6);
});

test('weights: e to minus half the differences, adding up to 1', (t) => {
  const [best = 0, second = 0, third = 0] = akaikeWeights([10, 12, 1e9]);
  t.true(Math.abs(best / second - Math.E) < 1e-12);
  t.is(third, 0);
  t.is(best + second, 1);
});
