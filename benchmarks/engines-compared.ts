import { holds } from '../fixtures/generator-job.ts';
import { seededRandom } from '../model/random.ts';
import { pairedRatio } from '../analysis/statistics/paired-ratio.ts';
import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import type { LoadGenerator } from '../runners/generators/port.ts';
import type { Bench, Benchmark, Figure } from './benchmark.ts';
import { type MeasuredRun, leftOut, measuredRun, quietResponseTime } from './rate-runs.ts';

const fewestPairs = 8;
/** How near to 1 the whole interval of a quantile's ratio has to lie. */
const asked = { 0.5: [0.95, 1.05], 0.99: [0.9, 1.1] } as const;

interface Pair {
  readonly autocannon: MeasuredRun;
  readonly k6: MeasuredRun;
}

/** The same scenario on both engines, one after the other in random order. */
export const enginesCompared: Benchmark = {
  name: 'engines-compared',
  about: 'the same load by autocannon and by k6, an endpoint of 20 ms',
  minutes: 10,
  run: async (bench) => {
    const k6 = k6Engine(await buildEngine(() => undefined));
    const random = seededRandom(4);
    const figures: Figure[] = [];
    for (const rate of [200, 1000, 2000]) {
      const pairs: Pair[] = [];
      const count = bench.quick ? 2 : Math.max(fewestPairs, bench.repeats);
      for (let pair = 0; pair < count; pair++) pairs.push(await pairOf(bench, rate, k6, random.next() < 0.5));
      figures.push(offered(rate, pairs), ratioOf(rate, 0.5, pairs), ratioOf(rate, 0.99, pairs));
    }
    return figures;
  },
};

async function pairOf(bench: Bench, rate: number, k6: LoadGenerator, k6First: boolean): Promise<Pair> {
  const run = (engine: LoadGenerator): Promise<MeasuredRun> =>
    measuredRun(bench, { loadProfile: holds('even', [rate, bench.quick ? 5 : 10]), path: '/sleep?ms=20' }, {}, engine);
  const first = await run(k6First ? k6 : autocannonEngine);
  const second = await run(k6First ? autocannonEngine : k6);
  return k6First ? { k6: first, autocannon: second } : { autocannon: first, k6: second };
}

/** As the target counted, against what was due. */
function offered(rate: number, pairs: readonly Pair[]): Figure {
  const worst = Math.max(
    ...pairs.flatMap(({ autocannon, k6 }) =>
      [autocannon, k6].map(({ arrivals, books }) => Math.abs(arrivals.length / books.due - 1)),
    ),
  );
  return {
    what: `${rate}/s: requests at the target against those due, the worst of ${2 * pairs.length} runs`,
    asked: 'within 0.1 %',
    measured: `${(100 * worst).toFixed(3)} %`,
    pass: worst <= 0.001,
  };
}

function ratioOf(rate: number, quantile: 0.5 | 0.99, pairs: readonly Pair[]): Figure {
  const of = (run: MeasuredRun): number => quietResponseTime(run).quantile(quantile) ?? Number.NaN;
  const { estimate, low, high } = pairedRatio(
    pairs.map((pair) => of(pair.k6) / of(pair.autocannon)),
    0.95,
  );
  const [least, most] = asked[quantile];
  return {
    what: `${rate}/s: p${100 * quantile} of response time, k6 to autocannon, ${pairs.length} pairs`,
    asked: `95 % interval inside ${least} to ${most}`,
    measured: `${estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}; ${leftOut(pairs.flatMap((pair) => [pair.autocannon, pair.k6]))})`,
    pass: low >= least && high <= most,
  };
}
