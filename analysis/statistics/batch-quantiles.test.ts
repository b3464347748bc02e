import test from 'ava';
import { LatencyHistogram } from '../../model/latency-histogram.ts';
import { type Random, seededRandom } from '../../model/random.ts';
import { microseconds, microsecondsOf, seconds } from '../../model/units.ts';
import {
  type ValueCounts,
  countAbove,
  mergeValueCounts,
  quantileOfCounts,
  valueCountsOf,
} from '../traffic/value-counts.ts';
import { batchProportion } from './batch-proportion.ts';
import { batchQuantiles } from './batch-quantiles.ts';
import { splitBatches } from './split-batches.ts';

const scratch = new LatencyHistogram();
/** The end of 5,000 µs' bucket, which is all that a histogram of three digits keeps. */
const bucketOf5000 = 5003;
function counted(values: readonly number[]): ValueCounts {
  scratch.reset();
  for (const value of values) scratch.record(microseconds(value));
  return valueCountsOf(scratch);
}

/** FIFO queue with c servers and Poisson arrivals, run in for ten seconds; µs of response per second of arrival. */
function simulateQueue(
  seed: number,
  servers: number,
  rate: number,
  service: (random: Random) => number,
  length: number,
): ValueCounts[] {
  const random = seededRandom(seed);
  const runIn = -10;
  const free = new Float64Array(servers).fill(runIn);
  const perSecond = Array.from({ length }, (): number[] => []);
  for (let at = runIn; ;) {
    at += random.exponential() / rate;
    if (at >= length) break;
    let next = 0;
    for (let server = 1; server < servers; server++) if ((free[server] ?? 0) < (free[next] ?? 0)) next = server;
    const end = Math.max(at, free[next] ?? 0) + service(random);
    free[next] = end;
    if (at >= 0) perSecond[Math.floor(at)]?.push(microsecondsOf(seconds(end - at)));
  }
  return perSecond.map(counted);
}

/** P(response > t) of M/M/c FIFO, inverted by bisection; µs. */
function exactQuantile(servers: number, load: number, mean: number, quantile: number): number {
  let blocked = 1;
  for (let server = 1; server <= servers; server++) blocked = (load * blocked) / (server + load * blocked);
  const wait = blocked / (1 - (load / servers) * (1 - blocked));
  const spare = servers - 1 - load;
  const tail = (time: number): number => Math.exp(-time) * (1 + (wait * (1 - Math.exp(-time * spare))) / spare);
  let low = 0;
  let high = 1000;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (tail(middle) > 1 - quantile) low = middle;
    else high = middle;
  }
  return microsecondsOf(seconds(low * mean));
}

const servers = 8;
const mean = 0.008;
const seeds = 60;
for (const { utilization, atLeast } of [
  { utilization: 0.7, atLeast: 0.88 },
  { utilization: 0.85, atLeast: 0.75 },
]) {
  test(`near ρ = ${utilization} the interval of p99 holds the truth far more often than that of independent requests`, (t) => {
    const load = utilization * servers;
    const truth = exactQuantile(servers, load, mean, 0.99);
    let held = 0;
    let heldIndependent = 0;
    let heldShare = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const perSecond = simulateQueue(seed, servers, load / mean, (random) => random.exponential() * mean, 40);
      const batches = splitBatches(perSecond).map(mergeValueCounts);
      const [estimate] = batchQuantiles(batches, [0.99], 0.95);
      if (estimate?.status === 'estimated' && estimate.low <= truth && truth <= estimate.high) held++;
      const all = mergeValueCounts(perSecond);
      // Order statistics of independent values: ranks n q ± 1.96 √(n q (1 − q)).
      const half = 1.96 * Math.sqrt((0.99 * 0.01) / all.total);
      const low = quantileOfCounts(all, 0.99 - half) ?? 0;
      const high = quantileOfCounts(all, 0.99 + half) ?? 0;
      if (low <= truth && truth <= high) heldIndependent++;
      const share = batchProportion(
        batches.map((batch) => ({ hits: countAbove(batch, truth), trials: batch.total })),
        0.95,
      );
      if (share !== null && share.low <= 0.01 && 0.01 <= share.high) heldShare++;
    }
    t.log(
      `ρ ${utilization}, 40 s, ${seeds} seeds: batches ${held / seeds}, share over the limit ${heldShare / seeds}, independent ${heldIndependent / seeds} (nominal 0.95)`,
    );
    t.true(held / seeds >= atLeast);
    t.true(heldShare / seeds >= atLeast);
    t.true(held - heldIndependent >= seeds * (utilization > 0.8 ? 0.4 : 0));
  });
}

test('an M/G/c queue with a lognormal service time is covered as well', (t) => {
  const service = (random: Random): number => {
    // Lognormal, coefficient of variation 0.7; a normal from twelve uniforms is normal enough here.
    let sum = -6;
    for (let draw = 0; draw < 12; draw++) sum += random.next();
    const square = Math.log(1 + 0.7 ** 2);
    return mean * Math.exp(sum * Math.sqrt(square) - square / 2);
  };
  const rate = (0.85 * servers) / mean;
  const truth = quantileOfCounts(mergeValueCounts(simulateQueue(777, servers, rate, service, 1500)), 0.99) ?? 0;
  let held = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const batches = splitBatches(simulateQueue(seed, servers, rate, service, 40)).map(mergeValueCounts);
    const [estimate] = batchQuantiles(batches, [0.99], 0.95);
    if (estimate?.status === 'estimated' && estimate.low <= truth && truth <= estimate.high) held++;
  }
  t.log(`M/G/8, ρ 0.85: ${held / 30} (truth ${Math.round(truth)} µs)`);
  t.true(held / 30 >= 0.75);
});

test('the estimate is the quantile of all values together and lies in its interval', (t) => {
  const random = seededRandom(5);
  const batches = Array.from({ length: 10 }, () =>
    counted(Array.from({ length: 500 }, () => random.exponential() * 5000)),
  );
  const all = mergeValueCounts(batches);
  for (const [index, estimate] of batchQuantiles(batches, [0.5, 0.9, 0.99], 0.95).entries()) {
    if (estimate.status !== 'estimated') {
      t.fail(estimate.reason);
      continue;
    }
    t.is(estimate.estimate, quantileOfCounts(all, [0.5, 0.9, 0.99][index] ?? 0) ?? Number.NaN);
    t.true(estimate.low <= estimate.estimate && estimate.estimate <= estimate.high);
    t.true(estimate.high > estimate.low);
  }
});

test('too few values beyond the quantile, or a single batch, give no estimate', (t) => {
  const values = Array.from({ length: 1000 }, (_, index) => index + 1);
  const halves = [counted(values), counted(values)];
  t.like(batchQuantiles(halves, [0.999], 0.95)[0], { status: 'unknown', reason: 'too-few-exceedances' });
  t.like(batchQuantiles([counted(values)], [0.5], 0.95)[0], { status: 'unknown', reason: 'too-few-batches' });
  t.like(batchQuantiles(halves, [0.99], 0.95)[0], { status: 'unknown', reason: 'interval-unbounded' });
  t.like(batchQuantiles([], [0.5], 0.95)[0], { status: 'unknown', reason: 'too-few-exceedances' });
});

test('where all values are alike the interval is that value', (t) => {
  const batches = Array.from({ length: 5 }, () => counted(Array.from({ length: 2000 }, () => 5000)));
  t.like(batchQuantiles(batches, [0.99], 0.95)[0], {
    status: 'estimated',
    estimate: bucketOf5000,
    low: bucketOf5000,
    high: bucketOf5000,
  });
});
