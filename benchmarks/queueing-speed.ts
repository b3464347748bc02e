import { type Benchmark, type Figure, median } from './benchmark.ts';
import { exactClosedNetwork } from '../analysis/models/queueing/exact-closed-network.ts';
import { mmc } from '../analysis/models/queueing/mmc.ts';
import type { Demand } from '../analysis/models/queueing/network.ts';
import { plainQueue, simulateQueue } from '../analysis/models/queueing/simulate-queue.ts';
import { seededRandom } from '../model/random.ts';
import { inSeconds, milliseconds, perSecond, seconds } from '../model/units.ts';

const timed = (work: () => readonly number[]): { readonly ms: number; readonly figures: readonly number[] } => {
  const started = performance.now();
  const figures = work();
  return { ms: performance.now() - started, figures };
};

const demand = (ms: number): Demand => ({ visits: 1, demand: milliseconds(ms) });

/** The largest queues that are asked for, and the simulator's speed. */
export const queueingSpeed: Benchmark = {
  name: 'queueing-speed',
  about: 'M/M/10000, a closed network of 10,000 jobs and 64 servers, simulated jobs per second',
  minutes: 1,
  run: async ({ repeats }) => {
    const largest = (what: string, work: () => readonly number[]): Figure => {
      const runs = Array.from({ length: repeats }, () => timed(work));
      const ms = median(runs.map((run) => run.ms));
      const sound = runs.every(({ figures }) => figures.every((figure) => Number.isFinite(figure) && figure >= 0));
      return {
        what,
        asked: 'finite, not negative, < 1 s',
        measured: `${sound ? 'finite, not negative' : 'NOT SOUND'}, ${ms.toFixed(0)} ms`,
        pass: sound && ms < seconds(1),
      };
    };
    const speeds = Array.from({ length: repeats }, (_, seed) => {
      let jobs = 0;
      const queue = {
        ...plainQueue,
        servers: 8,
        serviceTime: milliseconds(8),
        service: { kind: 'lognormal', cv: 0.7 },
      } as const;
      const load = { rate: perSecond(900), duration: seconds(1000) };
      const { ms } = timed(() => {
        simulateQueue(queue, load, seededRandom(seed), () => jobs++);
        return [];
      });
      return jobs / inSeconds(milliseconds(ms));
    });
    const speed = median(speeds);
    return [
      largest('M/M/c, c = 10,000', () => {
        const model = mmc({ servers: 10_000, arrivalRate: perSecond(99_000), serviceTime: milliseconds(100) });
        return [model.meanWait, model.probabilityEmpty, model.waitQuantile(0.99), model.responseQuantile(0.999)];
      }),
      largest('closed network, N = 10,000, 64 servers', () => {
        const { classes } = exactClosedNetwork({
          stations: [
            { name: 'service', servers: 64 },
            { name: 'database', servers: 8 },
            { name: 'lock', servers: 1 },
          ],
          classes: [
            { name: 'all', population: 10_000, thinkTime: seconds(1), demands: [demand(100), demand(4), demand(1)] },
          ],
        });
        return classes.flatMap(({ throughput, stations }) => [
          throughput,
          ...stations.flatMap(({ queueLength, residence }) => [queueLength, residence]),
        ]);
      }),
      {
        what: 'simulated jobs per second',
        asked: '≥ 1,000,000',
        measured: Math.round(speed).toLocaleString('en'),
        pass: speed >= 1_000_000,
      },
    ];
  },
};
