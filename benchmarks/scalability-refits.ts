import { type Benchmark, median } from './benchmark.ts';
import { bootstrapUsl } from '../analysis/models/scalability/bootstrap-usl.ts';
import { fitCurve } from '../analysis/models/scalability/fitted-curve.ts';
import { uslPeakConcurrency, uslThroughput } from '../analysis/models/scalability/usl-curve.ts';
import { seededRandom } from '../model/random.ts';

const resamples = 1000;
const mostMs = 200;
const levels = [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96];

/** How long it takes to refit the Universal Scalability Law to a thousand resamples of twelve stages. */
export const scalabilityRefits: Benchmark = {
  name: 'scalability-refits',
  about: '1,000 bootstrap refits of a 12-point USL, interval of the peak included',
  minutes: 1,
  run: async ({ repeats }) => {
    const random = seededRandom(1);
    const points = levels.map((concurrency) => ({
      concurrency,
      throughput:
        uslThroughput({ gamma: 1000, alpha: 0.03, beta: 0.0004 }, concurrency) * (0.97 + 0.06 * random.next()),
    }));
    const curve = fitCurve(points, 'usl');
    const times = Array.from({ length: repeats + 1 }, (_, repeat) => {
      const started = performance.now();
      const peak = bootstrapUsl(
        curve,
        ({ alpha, beta }) => uslPeakConcurrency(alpha, beta),
        resamples,
        seededRandom(repeat),
      );
      if (peak === null) throw new Error('no interval');
      return performance.now() - started;
    });
    const [first = 0, ...warm] = times;
    const typical = median(warm);
    return [
      {
        what: `${resamples} refits`,
        asked: `≤ ${mostMs} ms`,
        measured: `${typical.toFixed(0)} ms (the first in this process ${first.toFixed(0)} ms)`,
        pass: typical <= mostMs,
      },
    ];
  },
};
