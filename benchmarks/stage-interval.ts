import type { Benchmark, Figure } from './benchmark.ts';
import { plainQueue, simulateQueue } from '../analysis/models/queueing/simulate-queue.ts';
import { batchQuantiles } from '../analysis/statistics/batch-quantiles.ts';
import { normalQuantile } from '../analysis/statistics/normal-quantile.ts';
import { splitBatches } from '../analysis/statistics/split-batches.ts';
import {
  type ValueCounts,
  mergeValueCounts,
  quantileOfCounts,
  valueCountsOf,
} from '../analysis/traffic/value-counts.ts';
import { LatencyHistogram } from '../model/latency-histogram.ts';
import { seededRandom, streamSeed } from '../model/random.ts';
import { inPercent, inSeconds, microsecondsOf, milliseconds, rateOf, ratio, seconds } from '../model/units.ts';

const servers = 8;
const serviceTime = milliseconds(8);
const utilization = 0.9;
const queue = { ...plainQueue, servers, serviceTime, service: { kind: 'lognormal', cv: 1 } } as const;
/** From empty to the steady state, left out as a stage leaves its warm-up out: far beyond 1 / (cμ(1 − √ρ)²) = 0.4 s. */
const runIn = 20;
const quantile = 0.99;
const confidence = 0.95;

const percent = (share: number): string => `${inPercent(ratio(share)).toFixed(1)} %`;

/** The responses of one hold in the batches that an analysis makes of its seconds. */
function batchesOf(length: number, seed: number): readonly ValueCounts[] {
  const histograms: LatencyHistogram[] = [];
  const ofSecond: LatencyHistogram[] = [];
  for (const batch of splitBatches(Array.from({ length }, (_, second) => second))) {
    const histogram = new LatencyHistogram();
    histograms.push(histogram);
    for (const second of batch) ofSecond[second] = histogram;
  }
  const load = { rate: rateOf(utilization * servers, serviceTime), duration: seconds(runIn + length) };
  simulateQueue(queue, load, seededRandom(seed), (due, _start, end) => {
    const second = Math.floor(inSeconds(milliseconds(due))) - runIn;
    ofSecond[second]?.record(microsecondsOf(milliseconds(end - due)));
  });
  return histograms.map(valueCountsOf);
}

interface Coverage {
  readonly batches: number;
  /** Of the formula for independent requests: order statistics n q ± z √(n q (1 − q)). */
  readonly independent: number;
  /** Median length of the interval over the truth. */
  readonly width: number;
}

function coverageOf(length: number, seeds: number, truth: number): Coverage {
  let held = 0;
  let heldIndependent = 0;
  const widths: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const batches = batchesOf(length, streamSeed(length, seed));
    const [estimate] = batchQuantiles(batches, [quantile], confidence);
    if (estimate?.status === 'estimated') {
      if (estimate.low <= truth && truth <= estimate.high) held++;
      widths.push((estimate.high - estimate.low) / truth);
    }
    const all = mergeValueCounts(batches);
    const half = normalQuantile((1 + confidence) / 2) * Math.sqrt((quantile * (1 - quantile)) / all.total);
    const low = quantileOfCounts(all, quantile - half) ?? Infinity;
    const high = quantileOfCounts(all, quantile + half) ?? 0;
    if (low <= truth && truth <= high) heldIndependent++;
  }
  widths.sort((left, right) => left - right);
  return { batches: held / seeds, independent: heldIndependent / seeds, width: widths[widths.length >> 1] ?? Infinity };
}

/** How often the interval of a stage's p99 holds the truth near saturation, where requests wait for one another. */
export const stageInterval: Benchmark = {
  name: 'stage-interval',
  about: 'coverage of the interval of p99, nominal 95 %; M/G/8, lognormal cv 1, utilization 0.9',
  minutes: 10,
  run: async ({ quick }) => {
    const seeds = quick ? 40 : 400;
    const long = Array.from({ length: quick ? 20 : 100 }, (_, seed) =>
      mergeValueCounts(batchesOf(900, streamSeed(1, seed))),
    );
    const truth = quantileOfCounts(mergeValueCounts(long), quantile) ?? Number.NaN;
    return [
      { length: 300, atLeast: 0.8 },
      { length: 900, atLeast: 0.88 },
    ].flatMap(({ length, atLeast }): readonly Figure[] => {
      const { batches, independent, width } = coverageOf(length, seeds, truth);
      return [
        {
          what: `stage of ${length} s, ${seeds} seeds`,
          asked: `≥ ${percent(atLeast)}`,
          measured: `${percent(batches)} (median length ${percent(width)} of p99)`,
          pass: batches >= atLeast,
        },
        {
          what: 'the same by the formula for independent requests',
          asked: '< 30 %',
          measured: percent(independent),
          pass: independent < 0.3,
        },
      ];
    });
  },
};
