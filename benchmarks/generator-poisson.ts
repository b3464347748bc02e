import { holds } from '../fixtures/generator-job.ts';
import { type Benchmark, type Figure, median } from './benchmark.ts';
import { type MeasuredRun, leftOut, measuredRun } from './rate-runs.ts';

/** Poisson arrivals as the target sees them: the variance of counts per window is their mean. */
export const generatorPoisson: Benchmark = {
  name: 'generator-poisson',
  about: 'Poisson arrivals at 2,000/s as the target sees them',
  minutes: 17,
  run: async (bench) => {
    const length = bench.quick ? 20 : 200;
    const all: MeasuredRun[] = [];
    // A 200 s run is repeats enough in itself.
    for (let repeat = 0; repeat < (bench.quick ? 1 : Math.min(bench.repeats, 5)); repeat++)
      all.push(await measuredRun(bench, { loadProfile: holds('poisson', [2000, length]), seed: repeat + 1 }));
    return [10, 100].map((width): Figure => {
      const ratios = all.map((run) => varianceToMean(run, width));
      const ratio = median(ratios);
      return {
        what: `variance to mean of counts per ${width} ms, ${length} s`,
        asked: '0.9 to 1.1',
        measured: `${ratio.toFixed(3)} (${ratios.map((each) => each.toFixed(3)).join(', ')}; ${leftOut(all)})`,
        pass: ratio >= 0.9 && ratio <= 1.1,
      };
    });
  },
};

function varianceToMean({ arrivals, startedAt, endedAt, machineStalls }: MeasuredRun, width: number): number {
  const bins = new Uint32Array(Math.floor((endedAt - startedAt) / width));
  for (const { arrival } of arrivals) {
    const bin = Math.floor((arrival - startedAt) / width);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const counts = [...bins].filter((_, bin) => {
    const [from, to] = [startedAt + (bin - 1) * width, startedAt + (bin + 1) * width];
    return !machineStalls.some(({ start, end }) => end > from && start < to);
  });
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1) / mean;
}
