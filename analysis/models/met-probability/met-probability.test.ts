import test from 'ava';
import { seededRandom, streamSeed } from '../../../model/random.ts';
import { milliseconds, perSecond, seconds } from '../../../model/units.ts';
import { plainQueue, simulateQueue } from '../queueing/simulate-queue.ts';
import { type MetCurve, type NoMetCurve, type RateBatches, metProbability } from './met-probability.ts';

const window = seconds(20);
const queue = {
  ...plainQueue,
  servers: 8,
  serviceTime: milliseconds(8),
  service: { kind: 'lognormal', cv: 0.7 },
} as const;

/** A stage: two seconds to settle, then batches of two seconds of requests and of those later than 50 ms. */
function stage(rate: number, seed: number): RateBatches {
  const settling = seconds(2);
  const batches = Array.from({ length: 10 }, () => ({ hits: 0, trials: 0 }));
  const duration = milliseconds(settling + window);
  simulateQueue(queue, { rate: perSecond(rate), duration }, seededRandom(seed), (due, _start, end) => {
    const batch = batches[Math.floor(((due - settling) / window) * batches.length)];
    if (batch === undefined) return;
    batch.trials++;
    if (end - due > 50) batch.hits++;
  });
  return { rate: perSecond(rate), batches };
}

function stair(rates: readonly number[], seed: number): MetCurve | NoMetCurve {
  const trials = rates.map((rate, index) => stage(rate, streamSeed(seed, index)));
  return metProbability(trials, 0.01);
}

const rates = [600, 700, 800, 850, 900, 950, 1000];

test('of a simulated target the intervals of W.95 and W.50 hold the truth about as often as they say', (t) => {
  let [asked, held95, held50] = [0, 0, 0];
  for (let seed = 1; seed <= 20; seed++) {
    const seen = stair(rates, seed);
    if (seen.status === 'inconclusive') continue;
    asked++;
    const { w50, w95 } = seen;
    if ((w50.low ?? 0) <= truth.w50 && (w50.high ?? Infinity) >= truth.w50) held50++;
    if (w95 === null || ((w95.low ?? 0) <= truth.w95 && (w95.high ?? Infinity) >= truth.w95)) held95++;
  }
  t.true(asked >= 16, `only ${asked} of 20 were told`);
  t.true(held50 >= 0.85 * asked && held95 >= 0.85 * asked, `${held50} and ${held95} of ${asked}`);
});

/** Of 400 simulated windows at each of many rates. */
const truth = { w95: 891, w50: 925 };

test('the curve falls, lies in its band, and crosses where its levels say', (t) => {
  const seen = stair(rates, 3);
  if (seen.status === 'inconclusive') throw new Error(seen.reason);
  for (const [index, { estimate, low, high }] of seen.points.entries()) {
    t.true(low <= estimate && estimate <= high);
    const before = seen.points[index - 1];
    if (before !== undefined) t.true(estimate <= before.estimate + 1e-9);
  }
  t.true((seen.w95?.estimate ?? 0) < seen.w50.estimate);
});

/** Shares of late requests, the same in every batch. */
const flat = (rate: number, share: number): RateBatches => ({
  rate: perSecond(rate),
  batches: Array.from({ length: 10 }, () => ({ hits: Math.round(share * rate * 2), trials: rate * 2 })),
});
const asked = (...shares: readonly (readonly [number, number])[]): MetCurve | NoMetCurve =>
  metProbability(
    shares.map(([rate, share]) => flat(rate, share)),
    0.01,
  );

test('refused: two rates however often, all held, all missed, held above a miss, no request', (t) => {
  t.like(asked([500, 0], [500, 0], [900, 0.5], [900, 0.4]), { reason: 'too-few-rates', rates: 2, needed: 3 });
  t.like(asked([500, 0], [700, 0], [900, 0.004]), { reason: 'never-missed', highest: 900 });
  t.like(asked([500, 0.2], [700, 0.5], [900, 0.9]), { reason: 'always-missed', lowest: 500 });
  t.like(asked([500, 0.1], [700, 0], [900, 0.1]), { reason: 'not-monotone', missed: 500, held: 700 });
  t.like(metProbability([], 0.01), { status: 'inconclusive', reason: 'too-few-rates' });
  t.like(metProbability([{ rate: perSecond(500), batches: [{ hits: 0, trials: 0 }] }], 0.01), {
    rates: 0,
  });
});

test('stages far apart leave the crossing open: no figure', (t) => {
  t.like(asked([100, 0], [200, 0], [1000, 0.9]), { status: 'inconclusive', reason: 'too-wide' });
});

const width = (...shares: readonly (readonly [number, number])[]): number => {
  const seen = asked(...shares);
  return seen.status === 'inconclusive' ? Infinity : (seen.w50.high ?? Infinity) / (seen.w50.low ?? 0) - 1;
};

test('windows repeated round the crossing narrow the interval, windows that contradict one another widen it', (t) => {
  const clear = [
    [700, 0],
    [800, 0],
    [900, 0.02],
    [1000, 0.3],
  ] as const;
  const once = width(...clear);
  t.true(width(...clear, ...clear, ...clear) < 0.9 * once);
  t.true(width([700, 0], [800, 0.012], [900, 0.008], [1000, 0.3]) > 1.1 * once);
});

test('where a window was met and another missed at the same rate, the crossing is near it', (t) => {
  const seen = asked([600, 0], [700, 0], [800, 0.008], [800, 0.012], [900, 0.4], [1000, 0.9]);
  if (seen.status === 'inconclusive') throw new Error(seen.reason);
  t.true(Math.abs(seen.w50.estimate / 800 - 1) < 0.02, `${seen.w50.estimate}`);
  t.deepEqual([seen.met, seen.missed], [3, 3]);
});
