import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { type JobWishes, generatorJob, holds } from '../fixtures/generator-job.ts';
import { type GeneratorBooks, GeneratorProcess } from '../fixtures/generator-process.ts';
import { LatencyHistogram } from '../model/latency-histogram.ts';
import { inSeconds, milliseconds } from '../model/units.ts';
import type { GeneratorSecond, LoadGenerator } from '../runners/generators/port.ts';
import type { Bench } from './benchmark.ts';

/** One run of the generator against the arrival log: its own books and the target's log of the same requests. */
export interface MeasuredRun {
  readonly books: GeneratorBooks;
  readonly arrivals: Awaited<ReturnType<ArrivalLog['log']>>;
  readonly targetStalls: readonly { readonly start: number; readonly end: number }[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** Of the machine itself, during the run. */
  readonly machineStalls: readonly { readonly start: number; readonly end: number }[];
}

export async function measuredRun(
  bench: Bench,
  wishes: Omit<JobWishes, 'url'>,
  target: { readonly arguments?: readonly string[] } = {},
  engine: LoadGenerator = bench.engine,
): Promise<MeasuredRun> {
  const binary = await buildTestProgram('arrival-log');
  const log = await ArrivalLog.start({ binary, processors: bench.theirs, ...target });
  try {
    const generator = new GeneratorProcess(generatorJob({ ...wishes, url: log.url }), {
      processors: bench.ours,
      engine,
    });
    const books = await generator.run();
    const [arrivals, targetStalls] = [await log.log(), await log.stalls()];
    const length = wishes.loadProfile.stages.reduce((sum, stage) => sum + stage.durationMs, 0);
    const [startedAt, endedAt] = [books.startedAt, books.startedAt + length];
    return { books, arrivals, targetStalls, startedAt, endedAt, machineStalls: bench.stalls(startedAt, endedAt) };
  } finally {
    await log.stop();
  }
}

const memory = new Map<string, Promise<readonly MeasuredRun[]>>();

/** Even arrivals at a rate, as often as the bench repeats; benchmarks that ask for the same share the runs. */
export async function rateRuns(bench: Bench, rate: number): Promise<readonly MeasuredRun[]> {
  const key = `${rate}`;
  const known = memory.get(key) ?? runs(bench, rate);
  memory.set(key, known);
  return await known;
}

async function runs(bench: Bench, rate: number): Promise<readonly MeasuredRun[]> {
  const list: MeasuredRun[] = [];
  for (let repeat = 0; repeat < bench.repeats; repeat++)
    list.push(await measuredRun(bench, { loadProfile: holds('even', [rate, bench.quick ? 5 : 20]) }));
  return list;
}

export const rates = [500, 1000, 2000, 5000, 8000, 12_000] as const;

/** A request of the second before may have waited, too. */
const before = milliseconds(100);

/** Seconds of the run in which the machine did not stand still, nor just after. */
function quietSeconds(run: MeasuredRun): GeneratorSecond[] {
  const secondAt = (at: number): number => Math.floor(inSeconds(milliseconds(at - run.startedAt)));
  const disturbed = new Set(run.machineStalls.flatMap(({ start, end }) => [secondAt(start - before), secondAt(end)]));
  return run.books.seconds.filter(({ second }) => !disturbed.has(second));
}

/** Lateness in the quiet seconds. */
export function quietLateness(run: MeasuredRun): LatencyHistogram {
  const merged = new LatencyHistogram();
  for (const { health } of quietSeconds(run)) if (health.lateness !== null) merged.addEncoded(health.lateness);
  return merged;
}

/** Response time of what was due in the quiet seconds and was done. */
export function quietResponseTime(run: MeasuredRun): LatencyHistogram {
  const quiet = new Set(quietSeconds(run).map(({ second }) => second));
  const merged = new LatencyHistogram();
  for (const { cells } of run.books.seconds)
    for (const cell of cells)
      if (cell.outcome === 'done' && cell.responseTime !== null && quiet.has(cell.second))
        merged.addEncoded(cell.responseTime);
  return merged;
}

/** For the figures: how often and for how long. */
export function stoodStill(all: readonly MeasuredRun[]): string {
  const stalls = all.flatMap((run) => run.machineStalls);
  if (stalls.length === 0) return 'machine never stood still';
  const total = stalls.reduce((sum, { start, end }) => sum + end - start, 0);
  return `machine stood still ${stalls.length} times, ${total.toFixed(0)} ms in all`;
}

/** The same where those times were left out. */
export function leftOut(all: readonly MeasuredRun[]): string {
  const text = stoodStill(all);
  return all.some((run) => run.machineStalls.length > 0) ? `${text}, left out` : text;
}
