import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holds } from '../fixtures/generator-job.ts';
import { dueTimes } from '../scenarios/load-schedule.ts';
import { type Benchmark, type Figure, median, quantileOf } from './benchmark.ts';
import { type MeasuredRun, stoodStill, measuredRun, quietLateness } from './rate-runs.ts';

/** Latency quantiles against the target's own log of the same requests. */
export const generatorQuantiles: Benchmark = {
  name: 'generator-quantiles',
  about: 'quantiles against the target’s own log, exponential service of 5 ms',
  minutes: 8,
  run: async (bench) => {
    const requestsFile = join(bench.folder, 'requests.mjs');
    writeFileSync(requestsFile, `export const requests = (n) => ({ name: 'e', path: '/exponential?ms=5&i=' + n });`);
    const figures: Figure[] = [];
    for (const rate of [200, 1000, 3000]) {
      const loadProfile = holds('poisson', [rate, bench.quick ? 8 : 30]);
      const all: MeasuredRun[] = [];
      for (let repeat = 0; repeat < (bench.quick ? 1 : bench.repeats); repeat++)
        all.push(
          await measuredRun(bench, {
            loadProfile,
            requestsFile,
            traffic: { kind: 'module', file: 'requests.mjs', hash: '', endpoints: ['e'], hasPrepare: false },
            connections: { count: 200 },
          }),
        );
      for (const quantile of [0.5, 0.99]) figures.push(...figuresOf(rate, quantile, loadProfile, all));
    }
    return figures;
  },
};

function figuresOf(
  rate: number,
  quantile: number,
  loadProfile: ReturnType<typeof holds>,
  all: readonly MeasuredRun[],
): Figure[] {
  const lateness = median(all.map((run) => quietLateness(run).quantile(quantile) ?? 0));
  const compare = (what: string, ours: (run: MeasuredRun) => number, truth: (run: MeasuredRun) => number): Figure => {
    const [measured, true_] = [median(all.map(ours)), median(all.map(truth))];
    const allowed = Math.max(0.02 * true_, 0.3) + lateness;
    return {
      what: `${rate}/s: p${quantile * 100} of ${what}`,
      asked: `within max(2 %, 0.3 ms) + lateness ${lateness.toFixed(2)} ms`,
      measured: `${measured.toFixed(2)} ms for ${true_.toFixed(2)} ms (${(measured - true_).toFixed(2)} ms; ${stoodStill(all)})`,
      pass: Math.abs(measured - true_) <= allowed,
    };
  };
  return [
    compare(
      'service time',
      ({ books }) => books.serviceTime.quantile(quantile) ?? Number.NaN,
      ({ arrivals }) =>
        quantileOf(
          arrivals.map(({ arrival, done }) => done - arrival),
          quantile,
        ),
    ),
    compare(
      'response time',
      ({ books }) => books.responseTime.quantile(quantile) ?? Number.NaN,
      (run) => quantileOf(trueResponseTimes(run, loadProfile), quantile),
    ),
  ];
}

/** Done in the target after due by the schedule, matched by iteration. */
function trueResponseTimes(run: MeasuredRun, loadProfile: ReturnType<typeof holds>): number[] {
  const offsets: number[] = [];
  if (loadProfile.kind === 'open')
    for (const due = dueTimes(loadProfile, 1); Number.isFinite(due.offsetMs); due.advance()) offsets.push(due.offsetMs);
  return run.arrivals.map(({ done, iteration }) => done - run.startedAt - (offsets[iteration] ?? Number.NaN));
}
