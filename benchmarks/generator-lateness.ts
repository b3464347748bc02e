import { type Benchmark, type Figure, median } from './benchmark.ts';
import { leftOut, quietLateness, rateRuns, rates } from './rate-runs.ts';

/** How late the schedule hands requests over. */
export const generatorLateness: Benchmark = {
  name: 'generator-lateness',
  about: 'hand-over of the schedule after the due time',
  minutes: 11,
  run: async (bench) => {
    const figures: Figure[] = [];
    for (const rate of rates) {
      const all = await rateRuns(bench, rate);
      const quiet = all.map(quietLateness).filter((each) => each.count > 0);
      const [p50, p99] = [0.5, 0.99].map((quantile) => median(quiet.map((each) => each.quantile(quantile) ?? 0)));
      figures.push({
        what: `${rate}/s: lateness p99`,
        asked: '≤ 3 ms',
        measured:
          quiet.length === 0
            ? `no undisturbed second (${leftOut(all)})`
            : `${p99?.toFixed(2)} ms (p50 ${p50?.toFixed(2)}; ${quiet.length} of ${all.length} runs; ${leftOut(all)})`,
        pass: quiet.length === 0 ? null : (p99 ?? Number.NaN) <= 3,
      });
    }
    return figures;
  },
};
