import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ArrivalLog, buildArrivalLog } from '../fixtures/arrival-log.ts';
import { generatorJob, holds } from '../fixtures/generator-job.ts';
import { GeneratorProcess } from '../fixtures/generator-process.ts';
import { inSeconds, milliseconds, seconds } from '../model/units.ts';
import type { BuiltProgram } from '../runners/cached-go-program.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import { type Bench, type Benchmark, type Figure, median } from './benchmark.ts';

const warmStartLimit = seconds(1.5);
const connections = [50, 500];

/** How long one waits for k6: its build, and its start until the first request has reached the target. */
export const k6Start: Benchmark = {
  name: 'k6-start',
  about: 'the first build of k6, its start with a cold and with a warm file',
  run: async (bench) => {
    const [building, program] = [await firstBuild(bench), await buildEngine(() => undefined)];
    const { binary, remove } = await buildArrivalLog();
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
      return figures;
    } finally {
      await target.stop();
      await remove();
    }
  },
};

/** Into an empty cache; the modules are there. In a quick run only linked. */
async function firstBuild(bench: Bench): Promise<Figure> {
  const folder = await mkdtemp(join(bench.folder, 'cache-'));
  try {
    const began = performance.now();
    const environment = { ...process.env, XDG_CACHE_HOME: folder };
    await buildEngine(() => undefined, {
      environment: bench.quick ? environment : { ...environment, GOCACHE: join(folder, 'go') },
    });
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
