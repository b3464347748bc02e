import { type Benchmark, type Figure, median } from './benchmark.ts';
import { type MeasuredRun, leftOut, rateRuns, rates } from './rate-runs.ts';

const binMs = 10;

/** Achieved against due: does the target see the requests that were due, spread as they were due? */
export const generatorArrivals: Benchmark = {
  name: 'generator-arrivals',
  about: 'even arrivals as the target sees them',
  minutes: 11,
  run: async (bench) => {
    const figures: Figure[] = [];
    for (const rate of rates) {
      const all = await rateRuns(bench, rate);
      const short = median(all.map(({ books, arrivals }) => Math.abs(arrivals.length / books.due - 1)));
      const empty = median(all.map(emptyBins));
      figures.push(
        {
          what: `${rate}/s: achieved against due`,
          asked: 'within 0.1 %',
          measured: `${(short * 100).toFixed(3)} % off`,
          pass: short <= 0.001,
        },
        {
          what: `${rate}/s: ${binMs} ms bins without an arrival`,
          asked: 'none',
          measured: `${empty} (${all.map(emptyBins).join(', ')}; ${leftOut(all)})`,
          pass: empty === 0,
        },
      );
    }
    return figures;
  },
};

/** Bins during which the machine stood still, and the one after, don't count. */
function emptyBins({ arrivals, startedAt, endedAt, machineStalls }: MeasuredRun): number {
  const bins = new Uint32Array(Math.round((endedAt - startedAt) / binMs));
  for (const { arrival } of arrivals) {
    const bin = Math.floor((arrival - startedAt) / binMs);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins.reduce((sum, count, bin) => {
    const [from, to] = [startedAt + (bin - 1) * binMs, startedAt + (bin + 1) * binMs];
    return count > 0 || machineStalls.some(({ start, end }) => end > from && start < to) ? sum : sum + 1;
  }, 0);
}
