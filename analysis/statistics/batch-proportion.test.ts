import test from 'ava';
import * as fc from 'fast-check';
import { batchProportion } from './batch-proportion.ts';
import { wilsonInterval } from './wilson-interval.ts';

test('the interval holds the estimate and stays inside 0 to 1', (t) => {
  const batch = fc
    .integer({ min: 0, max: 500 })
    .chain((trials) => fc.record({ trials: fc.constant(trials), hits: fc.integer({ min: 0, max: trials }) }));
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
      const seen = batchProportion(batches, 0.95);
      const trials = batches.reduce((sum, { trials: size }) => sum + size, 0);
      if (seen === null) return trials === 0;
      return (
        seen.low >= 0 &&
        seen.low <= seen.estimate + 1e-12 &&
        seen.estimate <= seen.high + 1e-12 &&
        seen.high <= 1 &&
        seen.effectiveTrials <= trials
      );
    }),
    { seed: 4 },
  );
  t.pass();
});

test('hits that come in one burst make a longer interval than the same hits spread out', (t) => {
  const spread = Array.from({ length: 10 }, () => ({ hits: 10, trials: 1000 }));
  const burst = Array.from({ length: 10 }, (_, index) => ({ hits: index === 4 ? 100 : 0, trials: 1000 }));
  const even = batchProportion(spread, 0.95);
  const bursty = batchProportion(burst, 0.95);
  t.is(even?.estimate, bursty?.estimate);
  t.true((bursty?.high ?? 0) - (bursty?.low ?? 0) > 3 * ((even?.high ?? 0) - (even?.low ?? 0)));
  t.true((bursty?.effectiveTrials ?? Infinity) < 200);
});

test('nothing hit is Wilson’s interval of all trials; nothing tried is nothing known', (t) => {
  const none = batchProportion(
    [
      { hits: 0, trials: 1000 },
      { hits: 0, trials: 1000 },
    ],
    0.95,
  );
  t.is(none?.low, 0);
  t.true(Math.abs((none?.high ?? 0) - wilsonInterval(0, 2000, 1.959963985).high) < 1e-9);
  t.is(batchProportion([], 0.95), null);
});
