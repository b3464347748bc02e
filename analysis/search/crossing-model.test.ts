import test from 'ava';
import { seededRandom } from '../../model/random.ts';
import { perSecond } from '../../model/units.ts';
import { type RateBatches, crossingModel } from './crossing-model.ts';

/** Requests in bursts of so many late ones, share 1 % at 800/s and steep round it; capacity 1,000/s. */
function trialsAt(rates: readonly number[], burst: number, seed: number): RateBatches[] {
  const random = seededRandom(seed);
  return rates.map((rate) => ({
    rate: perSecond(rate),
    batches: Array.from({ length: 8 }, () => {
      const trials = rate * 7;
      const mean = (0.01 * trials * (rate / 800) ** 10) / burst;
      let hits = 0;
      for (let at = random.exponential(); at < mean; at += random.exponential()) hits += burst;
      return { hits, trials };
    }),
  }));
}

const rates = [740, 770, 790, 800, 810, 830];

test('the interval holds the crossing about as often as it says, for independent and for bursty violations', (t) => {
  for (const burst of [1, 60]) {
    let held = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const crossing = crossingModel(trialsAt(rates, burst, seed), 0.01, 1000);
      if (crossing.quantile(0.025) <= 800 && crossing.quantile(0.975) >= 800) held++;
    }
    t.true(held >= 52, `bursts of ${burst}: ${held} of 60`);
  }
});

function width(trials: readonly RateBatches[]): number {
  const crossing = crossingModel(trials, 0.01, 1000);
  return crossing.quantile(0.9) / crossing.quantile(0.1) - 1;
}

test('bursts widen the interval, more trials narrow it', (t) => {
  const one = width(trialsAt(rates, 1, 3));
  const bursty = width(trialsAt(rates, 60, 3));
  t.true(bursty > 2 * one, `${bursty} and ${one}`);
  t.true(width(trialsAt([...rates, ...rates, ...rates, ...rates], 60, 3)) < 0.8 * bursty);
  t.true(crossingModel(trialsAt(rates, 60, 3), 0.01, 1000).dispersion > 10);
});

test('quantiles rise, and the probability that the limit is kept falls with the rate and agrees with them', (t) => {
  const crossing = crossingModel(trialsAt(rates, 20, 5), 0.01, 1000);
  const quantiles = [0.05, 0.3, 0.5, 0.7, 0.95].map((probability) => crossing.quantile(probability));
  t.deepEqual(
    quantiles,
    quantiles.toSorted((a, b) => a - b),
  );
  for (const probability of [0.1, 0.5, 0.9])
    t.true(Math.abs(crossing.keeps(crossing.quantile(probability)) - (1 - probability)) < 1e-6);
  t.true(crossing.keeps(perSecond(600)) > 0.99 && crossing.keeps(perSecond(1000)) < 0.01);
});

const odd = (rate: number, hits: readonly number[]): RateBatches => ({
  rate: perSecond(rate),
  batches: hits.map((late) => ({ hits: late, trials: rate * 7 })),
});

test('a collapse far above and a stall far below move the crossing little', (t) => {
  const trials = trialsAt([...rates, ...rates], 20, 7);
  const before = crossingModel(trials, 0.01, 1000).quantile(0.5);
  const after = crossingModel([...trials, odd(990, [2000, 6000]), odd(600, [120, 0])], 0.01, 1000).quantile(0.5);
  t.true(Math.abs(after / before - 1) < 0.03, `${before} and ${after}`);
});
