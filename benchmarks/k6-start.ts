import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { generatorJob, holds } from '../fixtures/generator-job.ts';
import { GeneratorProcess } from '../fixtures/generator-process.ts';
import { inSeconds, milliseconds, seconds } from '../model/units.ts';
import type { BuiltProgram } from '../runners/cached-go-program.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import type { LoadGenerator } from '../runners/generators/port.ts';
import { type Bench, type Benchmark, type Figure, median } from './benchmark.ts';

const warmStartLimit = seconds(1.5);
const connections = [50, 500];

/** How long one waits for k6: its build, and its start until the first request has reached the target. */
export const k6Start: Benchmark = {
  name: 'k6-start',
  about: 'the first build of k6, its start with a cold and with a warm file',
  minutes: 5,
  run: async (bench) => {
    const [building, program] = [await firstBuild(bench), await buildEngine(() => undefined)];
    const binary = await buildTestProgram('arrival-log');
    const target = await ArrivalLog.start({ binary, processors: bench.theirs });
    try {
      const figures: Figure[] = [
        building,
        shown('start with nothing of the file in memory', await coldStart(program, target)),
      ];
      for (const count of connections) {
        const starts: Start[] = [];
        for (let repeat = 0; repeat < Math.max(bench.quick ? 1 : 5, bench.repeats); repeat++)
          starts.push(await startOf(program, target, count));
        figures.push(warmStart(count, starts));
      }
      return [...figures, ...(await firstSeconds(bench, program, target))];
    } finally {
      await target.stop();
    }
  },
};

/** Into an empty cache; the modules are there. In a quick run only linked. */
async function firstBuild(bench: Bench): Promise<Figure> {
  const folder = await mkdtemp(join(bench.folder, 'cache-'));
  try {
    // Of Go's own cache only its place depends on ours.
    const warm = (await promisify(execFile)('go', ['env', 'GOCACHE'])).stdout.trim();
    const environment = { ...process.env, XDG_CACHE_HOME: folder, GOCACHE: bench.quick ? warm : join(folder, 'go') };
    const began = performance.now();
    await buildEngine(() => undefined, { environment });
    const length = inSeconds(milliseconds(performance.now() - began));
    return {
      what: bench.quick ? 'build with a warm cache of Go' : 'first build, modules downloaded',
      asked: '-',
      measured: `${length.toFixed(1)} s`,
      pass: null,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Start {
  readonly readyMs: number;
  readonly firstRequestMs: number;
}

/** From the start of the process. The conductor's word to begin is given at once. */
async function startOf(program: BuiltProgram, target: ArrivalLog, count: number): Promise<Start> {
  await target.clear();
  const began = Date.now();
  const job = generatorJob({ url: target.url, loadProfile: holds('even', [1000, 1]), connections: { count } });
  const running = new GeneratorProcess(job, { engine: k6Engine(program) });
  await running.line('ready');
  const readyMs = Date.now() - began;
  await running.run();
  const arrivals = (await target.log()).map(({ arrival }) => arrival);
  return { readyMs, firstRequestMs: Math.min(...arrivals) - began };
}

async function coldStart(program: BuiltProgram, target: ArrivalLog): Promise<Start> {
  // Takes the file out of the page cache.
  await promisify(execFile)('dd', [`if=${program.file}`, 'iflag=nocache', 'count=0', 'status=none']);
  await sleep(seconds(1));
  return await startOf(program, target, connections[0] ?? 1);
}

function shown(what: string, { readyMs, firstRequestMs }: Start): Figure {
  const measured = `ready after ${text(readyMs)} s, first request after ${text(firstRequestMs)} s`;
  return { what, asked: '-', measured, pass: null };
}

const text = (value: number): string => inSeconds(milliseconds(value)).toFixed(2);

function warmStart(count: number, starts: readonly Start[]): Figure {
  const [ready, first] = [starts.map(({ readyMs }) => readyMs), starts.map(({ firstRequestMs }) => firstRequestMs)];
  const slowest = Math.max(...first);
  return {
    what: `warm start to the first request, ${count} connections, ${starts.length} starts`,
    asked: count === connections[0] ? `every one < ${inSeconds(warmStartLimit)} s` : '-',
    measured: `median ${text(median(first))} s, slowest ${text(slowest)} s (ready: median ${text(median(ready))} s)`,
    pass: count === connections[0] ? slowest < warmStartLimit : null,
  };
}

interface FirstSecond {
  readonly latenessMs: number;
  readonly responseMs: number;
}

/** What the rehearsal does for the first second of a load. */
async function firstSeconds(bench: Bench, program: BuiltProgram, target: ArrivalLog): Promise<Figure[]> {
  const seen: Record<'with' | 'without', FirstSecond[]> = { with: [], without: [] };
  for (let repeat = 0; repeat < Math.max(bench.quick ? 2 : 10, bench.repeats); repeat++)
    for (const way of repeat % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const))
      seen[way].push(await firstSecondOf(bench, program, target, way === 'with'));
  return (['with', 'without'] as const).map((way) => ({
    what: `first second of 500/s, ${way} rehearsal, p99, median of ${seen[way].length} loads`,
    asked: '-',
    measured: `lateness ${median(seen[way].map(({ latenessMs }) => latenessMs)).toFixed(2)} ms, response time ${median(seen[way].map(({ responseMs }) => responseMs)).toFixed(2)} ms`,
    pass: null,
  }));
}

async function firstSecondOf(
  bench: Bench,
  program: BuiltProgram,
  target: ArrivalLog,
  rehearses: boolean,
): Promise<FirstSecond> {
  const ours = k6Engine(program);
  const engine: LoadGenerator = {
    ...ours,
    command: (jobFile) => {
      const command = ours.command(jobFile);
      const script = command.args.at(-1) ?? '';
      const changed = 'script.options.scenarios.load.rehearse = false;\nexport const options';
      const made = readFileSync(script, 'utf8');
      if (!rehearses) writeFileSync(script, made.replace('export const options', changed));
      return command;
    },
  };
  const job = generatorJob({ url: target.url, loadProfile: holds('even', [500, 1]) });
  const { lateness, responseTime } = await new GeneratorProcess(job, { engine, processors: bench.ours }).run();
  return { latenessMs: lateness.quantile(0.99) ?? Number.NaN, responseMs: responseTime.quantile(0.99) ?? Number.NaN };
}
