import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { holds } from '../fixtures/generator-job.ts';
import { dueTimes } from '../scenarios/load-schedule.ts';
import { type Bench, type Benchmark, type Figure, median, quantileOf } from './benchmark.ts';
import { type MeasuredRun, stoodStill, measuredRun } from './rate-runs.ts';
import { stockRun } from './stock-run.ts';

const stalling = ['-stall-every', '5s', '-stall-for', '500ms'] as const;

/** A service that stands still for 500 ms every 5 s: what a user who came by the schedule has waited. */
export const generatorStall: Benchmark = {
  name: 'generator-stall',
  about: 'p99 of a stalling service against the truth of schedule and stalls',
  minutes: 6,
  run: async (bench) => {
    const figures: Figure[] = [];
    for (const [rate, connections] of [
      [200, 200],
      [2000, 1500],
    ] as const) {
      const length = bench.quick ? 10 : 30;
      const loadProfile = holds('even', [rate, length]);
      const all: MeasuredRun[] = [];
      for (let repeat = 0; repeat < (bench.quick ? 1 : bench.repeats); repeat++)
        all.push(
          await measuredRun(
            bench,
            { loadProfile, path: '/stall', connections: { count: connections } },
            { arguments: stalling },
          ),
        );
      const truths = all.map((run) => quantileOf(trueResponseTimes(run, loadProfile), 0.99));
      const measured = all.map(({ books }) => books.responseTime.quantile(0.99) ?? Number.NaN);
      const error = median(measured.map((value, index) => value / (truths[index] ?? Number.NaN) - 1));
      figures.push(
        {
          what: `${rate}/s: p99 of response time against the truth`,
          asked: 'within 5 %',
          measured: `${(error * 100).toFixed(2)} % (${median(measured).toFixed(1)} for ${median(truths).toFixed(1)} ms; ${stoodStill(all)})`,
          pass: Math.abs(error) <= 0.05,
        },
        {
          what: `${rate}/s: p99 by stock autocannon`,
          asked: '-',
          measured: await stockSays(bench, rate, length),
          pass: null,
        },
      );
    }
    return figures;
  },
};

/** Who was due in a stall waits for its end; the service itself takes next to nothing. */
function trueResponseTimes(run: MeasuredRun, loadProfile: ReturnType<typeof holds>): number[] {
  const waits: number[] = [];
  if (loadProfile.kind !== 'open') return waits;
  for (const due = dueTimes(loadProfile, 1); Number.isFinite(due.offsetMs); due.advance()) {
    const at = run.startedAt + due.offsetMs;
    const stall = run.targetStalls.find(({ start, end }) => at >= start && at < end);
    waits.push(stall === undefined ? 0 : stall.end - at);
  }
  return waits;
}

async function stockSays(bench: Bench, rate: number, seconds: number): Promise<string> {
  const binary = await buildTestProgram('arrival-log');
  const target = await ArrivalLog.start({ binary, processors: bench.theirs, arguments: stalling });
  try {
    const { p99Ms } = await stockRun(bench.ours, { url: `${target.url}/stall`, rate, seconds, connections: 50 });
    return `${p99Ms} ms`;
  } finally {
    await target.stop();
  }
}
