import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { momentsOf } from '../analysis/statistics/moments.ts';
import { normalQuantile } from '../analysis/statistics/normal-quantile.ts';
import { pairedRatio } from '../analysis/statistics/paired-ratio.ts';
import { skewedMeanInterval } from '../analysis/statistics/skewed-mean-interval.ts';
import { wilsonInterval } from '../analysis/statistics/wilson-interval.ts';
import type { Estimate } from '../model/finding.ts';
import { LatencyHistogram } from '../model/latency-histogram.ts';
import { inPercent, percent, ratio, seconds } from '../model/units.ts';
import { type Bench, type Benchmark, type Figure, median } from './benchmark.ts';
import {
  type CollectingArm,
  type CollectingBlock,
  type CollectingRun,
  type CollectingRunWishes,
  type IdleBlock,
  amplification,
  collectingRunResult,
} from './collecting-run.ts';

const program = fileURLToPath(new URL('collecting-run.ts', import.meta.url));
/** Per second: a service at work, since most of what collecting costs is the same each second however little else is done. */
const rate = 3000;
const most = percent(3);
const confidence = 0.95;
const fewestPairs = 24;
/** As long as a stage is by default: each is profiled once. */
const usualStage = 20;

interface Pair<Block = CollectingBlock> {
  readonly on: Block;
  readonly off: Block;
}

/** The same load on the same process with all collectors and with none, turn by turn in random order. */
export const collectingCost: Benchmark = {
  name: 'collecting-cost',
  about: `CPU and p99 of the group-buy service at ${rate}/s: metrics each second, full profiles, process, control group and sockets against nothing`,
  minutes: 20,
  run: async (bench) => {
    const { blocks, idle, samples } = await collectingRun(bench);
    const pairs = pairsOf(blocks, 'all');
    return [
      idleFigure(pairsOf(idle, 'all'), pairs),
      cpuFigure(pairs),
      readingsFigure(pairsOf(blocks, 'readings')),
      latencyFigure(bench, pairs, 'response time', 'responseTime'),
      latencyFigure(bench, pairs, 'service time', 'serviceTime'),
      shareFigure(samples),
    ];
  },
};

async function collectingRun(bench: Bench): Promise<CollectingRun> {
  const wishes: CollectingRunWishes = {
    rate,
    pairs: bench.quick ? 5 : Math.max(fewestPairs, 4 * bench.repeats),
    stageSeconds: bench.quick ? 5 : usualStage,
    generatorProcessors: bench.ours,
    targetProcessors: bench.theirs,
    folder: join(bench.folder, 'runs'),
    seed: 1,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(wishes)], {
    maxBuffer: longestAnswer,
  });
  return collectingRunResult.parse(JSON.parse(stdout));
}

/** Characters. */
const longestAnswer = 2 ** 26;

function pairsOf<Block extends IdleBlock>(blocks: readonly Block[], arm: CollectingArm): Pair<Block>[] {
  return blocks.flatMap((one, index): Pair<Block>[] => {
    const other = blocks[index + 1];
    if (index % 2 === 1 || other === undefined) return [];
    const [on, off] = one.arm === 'none' ? [other, one] : [one, other];
    return on.arm === arm ? [{ on, off }] : [];
  });
}

/** Share of one processor; at an even rate CPU per request differs by a constant only. */
const cpuShare = ({ cpuMs, from, to }: IdleBlock): number => cpuMs / (to - from);

const cpuChange = (pairs: readonly Pair[]): Estimate =>
  pairedRatio(
    pairs.map(({ on, off }) => cpuShare(on) / cpuShare(off)),
    confidence,
  );

/**
 * What the service does for its collectors when nobody else asks anything of it, beside what it does under the load. The
 * pairs under load can't tell a few per cent: what neighbours on the machine do to the service is larger.
 */
function idleFigure(idle: readonly Pair<IdleBlock>[], pairs: readonly Pair[]): Figure {
  const underLoad = median(pairs.map(({ off }) => cpuShare(off)));
  const costs = idle.map(({ on, off }) => (cpuShare(on) - cpuShare(off)) / underLoad);
  const { mean } = momentsOf(costs);
  const { low, high } = skewedMeanInterval(costs, confidence);
  return {
    what: `CPU that collecting takes of the service without load, beside its CPU at ${rate}/s`,
    asked: `≤ +${inPercent(most)} %`,
    measured: `${changeText({ estimate: 1 + mean, low: 1 + low, high: 1 + high })} (${idle.length} pairs)`,
    pass: high <= most ? true : low > most ? false : null,
  };
}

function cpuFigure(pairs: readonly Pair[]): Figure {
  const change = cpuChange(pairs);
  const [on, off] = (['on', 'off'] as const).map((arm) =>
    percentText(median(pairs.map((pair) => cpuShare(pair[arm])))),
  );
  const limit = 1 + most;
  return {
    what: 'CPU per request with collectors against without, under load',
    asked: `≤ +${inPercent(most)} %`,
    measured: `${changeText(change)} (medians ${on} against ${off} of a processor; ${pairs.length} pairs)`,
    // An interval on both sides of the limit shows neither.
    pass: change.high <= limit ? true : change.low > limit ? false : null,
  };
}

function readingsFigure(pairs: readonly Pair[]): Figure {
  const { estimate, low, high } = cpuChange(pairs);
  const [one, least, largest] = [estimate, low, high].map((value) => 1 + (value - 1) / amplification);
  return {
    what: `of it metrics, process, control group and sockets, by a tenth of what ${amplification} times as many readings cost`,
    asked: 'shown',
    measured: `${changeText({ estimate: one ?? 1, low: least ?? 1, high: largest ?? 1 })} (${pairs.length} pairs)`,
    pass: null,
  };
}

function latencyFigure(
  bench: Bench,
  pairs: readonly Pair[],
  name: string,
  time: 'responseTime' | 'serviceTime',
): Figure {
  const all = pairs.flatMap(({ on, off }) => [...on.seconds, ...off.seconds]);
  const quiet = new Set(all.filter(({ from }) => bench.stalls(from, from + seconds(1)).length === 0));
  const p99 = pairs.flatMap(({ on, off }) => {
    const both = [on, off].map((block) =>
      p99Of(
        block.seconds.filter((second) => quiet.has(second)),
        time,
      ),
    );
    const [with_ = null, without = null] = both;
    return with_ === null || without === null ? [] : [[with_, without] as const];
  });
  const still = `the machine stood still in ${all.length - quiet.size} of ${all.length} s, left out`;
  const common = { what: `p99 of ${name} with collectors against without`, asked: 'shown', pass: null };
  if (p99.length < 2) return { ...common, measured: `nothing: ${still}` };
  const change = pairedRatio(
    p99.map(([with_, without]) => with_ / without),
    confidence,
  );
  const [on, off] = ([0, 1] as const).map((arm) => median(p99.map((pair) => pair[arm])).toFixed(2));
  return {
    ...common,
    measured: `${changeText(change)} (medians ${on} against ${off} ms; ${p99.length} pairs; ${still})`,
  };
}

function p99Of(list: CollectingBlock['seconds'], time: 'responseTime' | 'serviceTime'): number | null {
  const histogram = new LatencyHistogram();
  for (const one of list) histogram.addEncoded(one[time]);
  return histogram.quantile(0.99);
}

/** What a report says of it. */
function shareFigure({ all, collecting }: CollectingRun['samples']): Figure {
  const { low, high } = wilsonInterval(collecting / all, all, normalQuantile((1 + confidence) / 2));
  return {
    what: 'share of it that answers collectors, by samples of the CPU profiles',
    asked: 'shown',
    measured: `${percentText(collecting / all)} (${percentText(low)} to ${percentText(high)}; ${collecting} of ${all} samples)`,
    pass: null,
  };
}

const percentText = (share: number): string => `${inPercent(ratio(share)).toFixed(2)} %`;

const changeOf = (value: number): string => `${value >= 1 ? '+' : ''}${percentText(value - 1)}`;

const changeText = ({ estimate, low, high }: Pick<Estimate, 'estimate' | 'low' | 'high'>): string =>
  `${changeOf(estimate)} (${changeOf(low)} to ${changeOf(high)})`;
