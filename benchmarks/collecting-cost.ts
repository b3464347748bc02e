import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { normalQuantile } from '../analysis/statistics/normal-quantile.ts';
import { pairedRatio } from '../analysis/statistics/paired-ratio.ts';
import { wilsonInterval } from '../analysis/statistics/wilson-interval.ts';
import type { Estimate } from '../model/finding.ts';
import { LatencyHistogram } from '../model/latency-histogram.ts';
import { seededRandom } from '../model/random.ts';
import { inPercent, inSeconds, milliseconds, percent, ratio, seconds } from '../model/units.ts';
import { type Bench, type Benchmark, type Figure, median } from './benchmark.ts';
import { type CollectingRun, type CollectingRunWishes, collectingRunResult } from './collecting-run.ts';

const program = fileURLToPath(new URL('collecting-run.ts', import.meta.url));
const rate = 1000;
const most = percent(3);
const confidence = 0.95;
const fewestPairs = 5;

interface Pair {
  readonly on: CollectingRun;
  readonly off: CollectingRun;
}

/** The same load with all collectors and with none, in pairs of random order; the target is a fresh process each time. */
export const collectingCost: Benchmark = {
  name: 'collecting-cost',
  about: `CPU and p99 of the group-buy service at ${rate}/s: metrics each second, full profiles, process, control group and sockets against nothing`,
  run: async (bench) => {
    const pairs: Pair[] = [];
    const random = seededRandom(1);
    const count = bench.quick ? 2 : Math.max(fewestPairs, bench.repeats);
    for (let pair = 0; pair < count; pair++) {
      const onFirst = random.below(2) === 0;
      const first = await run(bench, onFirst);
      const second = await run(bench, !onFirst);
      pairs.push(onFirst ? { on: first, off: second } : { on: second, off: first });
    }
    return [
      cpuFigure(pairs),
      latencyFigure(bench, pairs, 'response time', 'responseTime'),
      latencyFigure(bench, pairs, 'service time', 'serviceTime'),
      shareFigure(pairs),
    ];
  },
};

async function run(bench: Bench, collecting: boolean): Promise<CollectingRun> {
  const wishes: CollectingRunWishes = {
    collecting,
    rate,
    holds: bench.quick ? 1 : 2,
    holdSeconds: bench.quick ? 10 : 17,
    generatorProcessors: bench.ours,
    targetProcessors: bench.theirs,
    folder: join(bench.folder, 'runs'),
  };
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(wishes)], {
    maxBuffer: longestAnswer,
  });
  return collectingRunResult.parse(JSON.parse(stdout));
}

/** Characters. */
const longestAnswer = 2 ** 24;

const perRequest = ({ cpuMs, done }: CollectingRun): number => cpuMs / done;

function cpuFigure(pairs: readonly Pair[]): Figure {
  const change = pairedRatio(
    pairs.map(({ on, off }) => perRequest(on) / perRequest(off)),
    confidence,
  );
  const [on, off] = (['on', 'off'] as const).map((arm) => median(pairs.map((pair) => perRequest(pair[arm]))));
  const limit = 1 + most;
  return {
    what: 'CPU per request with collectors against without, from before plimsoll came until it had left',
    asked: `≤ +${inPercent(most)} %`,
    measured:
      `${changeText(change)} (${on?.toFixed(4)} against ${off?.toFixed(4)} ms, which keeps a processor busy for ` +
      `${percentText(inSeconds(milliseconds((off ?? 0) * rate)))} of its time; ${pairs.length} pairs)`,
    // An interval on both sides of the limit shows neither.
    pass: change.high <= limit ? true : change.low > limit ? false : null,
  };
}

function latencyFigure(
  bench: Bench,
  pairs: readonly Pair[],
  name: string,
  time: 'responseTime' | 'serviceTime',
): Figure {
  const all = pairs.flatMap(({ on, off }) => [on, off]);
  const quiet = new Map(all.map((each) => [each, quietSeconds(bench, each)]));
  const enough = all.every((each) => (quiet.get(each)?.length ?? 0) >= each.seconds.length / 2);
  const p99 = (each: CollectingRun): number =>
    quantileOfSeconds((enough ? quiet.get(each) : null) ?? each.seconds, time);
  const ratios = pairs.map(({ on, off }) => p99(on) / p99(off));
  const [on, off] = (['on', 'off'] as const).map((arm) => median(pairs.map((pair) => p99(pair[arm]))).toFixed(2));
  const total = all.reduce((sum, each) => sum + each.seconds.length, 0);
  const still = total - [...quiet.values()].reduce((sum, list) => sum + list.length, 0);
  return {
    what: `p99 of ${name} with collectors against without`,
    asked: 'shown',
    measured:
      `${changeText(pairedRatio(ratios, confidence))} (${on} against ${off} ms; the machine stood still in ${still} of ` +
      `${total} s, ${enough ? 'left out' : 'too many to be left out'})`,
    pass: null,
  };
}

type Second = CollectingRun['seconds'][number];

/** Those in which the machine itself did not stand still. */
function quietSeconds(bench: Bench, { startedAt, seconds: all }: CollectingRun): readonly Second[] {
  return all.filter(({ second }) => {
    const from = startedAt + seconds(second);
    return bench.stalls(from, from + seconds(1)).length === 0;
  });
}

function quantileOfSeconds(list: readonly Second[], time: 'responseTime' | 'serviceTime'): number {
  const histogram = new LatencyHistogram();
  for (const one of list) histogram.addEncoded(one[time]);
  return histogram.quantile(0.99) ?? Number.NaN;
}

/** What the reports of these runs would say of it. */
function shareFigure(pairs: readonly Pair[]): Figure {
  const sum = (of: (pair: Pair) => number): number => pairs.reduce((total, pair) => total + of(pair), 0);
  const [all, collecting] = [sum(({ on }) => on.samples.all), sum(({ on }) => on.samples.collecting)];
  const { low, high } = wilsonInterval(collecting / all, all, normalQuantile((1 + confidence) / 2));
  return {
    what: 'of it answering collectors while CPU profiles ran, by their samples',
    asked: 'shown',
    measured: `${percentText(collecting / all)} (${percentText(low)} to ${percentText(high)}; ${collecting} of ${all} samples)`,
    pass: null,
  };
}

const percentText = (share: number): string => `${inPercent(ratio(share)).toFixed(2)} %`;

const changeOf = (value: number): string => `${value >= 1 ? '+' : ''}${percentText(value - 1)}`;

const changeText = ({ estimate, low, high }: Estimate): string =>
  `${changeOf(estimate)} (${changeOf(low)} to ${changeOf(high)})`;
