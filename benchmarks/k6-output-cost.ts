import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pairedRatio } from '../analysis/statistics/paired-ratio.ts';
import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { generatorJob, holds } from '../fixtures/generator-job.ts';
import { GeneratorProcess } from '../fixtures/generator-process.ts';
import { seededRandom } from '../model/random.ts';
import { microsecondsOf, milliseconds, seconds } from '../model/units.ts';
import type { BuiltProgram } from '../runners/cached-go-program.ts';
import { parseStat } from '../runners/collectors/process-collector.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import type { LoadGenerator } from '../runners/generators/port.ts';
import { type Bench, type Benchmark, type Figure, median } from './benchmark.ts';

const rate = 2000;
const connections = 50;
const fewestRepeats = 5;

const ways = ['none', 'lines', 'stock', 'stock-json'] as const;
type Way = (typeof ways)[number];

/**
 * What a request costs k6: our executor and script, with our output and without any; and the same binary with k6's own
 * constant-arrival-rate, k6/http and the smallest script, without an output and with k6's json.
 */
export const k6OutputCost: Benchmark = {
  name: 'k6-output-cost',
  about: `CPU per request of k6 at ${rate}/s, without an output, with plimsoll's, and as k6 does it by itself`,
  minutes: 5,
  run: async (bench) => {
    const program = await buildEngine(() => undefined);
    const binary = await buildTestProgram('arrival-log');
    const target = await ArrivalLog.start({ binary, processors: bench.theirs });
    const random = seededRandom(9);
    const costs: Record<Way, number[]> = { none: [], lines: [], stock: [], 'stock-json': [] };
    try {
      const repeats = bench.quick ? 2 : Math.max(fewestRepeats, bench.repeats);
      for (let repeat = 0; repeat < repeats; repeat++) {
        const order = ways.map((way) => ({ way, at: random.next() })).toSorted((a, b) => a.at - b.at);
        for (const { way } of order) costs[way].push(await costOf(way, bench, program, target));
      }
    } finally {
      await target.stop();
    }
    return [
      against('our executor without output', costs.lines, costs.none, 1.1, 'upper end of the interval ≤ 1.10'),
      against("k6's own executor without output", costs.lines, costs.stock, 1.1, 'upper end of the interval ≤ 1.10'),
      against(
        "k6's own executor with its json output",
        costs.lines,
        costs['stock-json'],
        0.9,
        'well under: upper end ≤ 0.90',
      ),
    ];
  },
};

function against(
  other: string,
  ours: readonly number[],
  theirs: readonly number[],
  most: number,
  asked: string,
): Figure {
  const { estimate, low, high } = pairedRatio(
    ours.map((cost, repeat) => cost / (theirs[repeat] ?? Number.NaN)),
    0.95,
  );
  return {
    what: `CPU per request with our lines against ${other}, ${ours.length} interleaved repeats`,
    asked,
    measured: `${estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}; ${micros(ours)} against ${micros(theirs)} µs)`,
    pass: high <= most,
  };
}

const micros = (cpuMs: readonly number[]): string => microsecondsOf(milliseconds(median(cpuMs))).toFixed(0);

/** CPU time of k6 per request that arrived, in ms, of a stretch in the middle of a load. */
async function costOf(way: Way, bench: Bench, program: BuiltProgram, target: ArrivalLog): Promise<number> {
  const length = bench.quick ? 4 : 10;
  await target.clear();
  const start = way === 'none' || way === 'lines' ? startOurs : startStock;
  const running = start(way, bench, program, target.url);
  try {
    while ((await target.log()).length === 0) await sleep(100);
    await sleep(seconds(2));
    const before = readingOf(running.child);
    await sleep(seconds(length));
    const after = readingOf(running.child);
    const requests = (await target.log()).filter(({ arrival }) => arrival >= before.at && arrival < after.at);
    return (after.cpuMs - before.cpuMs) / requests.length;
  } finally {
    running.child.kill('SIGKILL');
    await running.exit;
  }
}

/** What k6 files samples under unless a script says otherwise. */
const defaultTags =
  'proto,subproto,status,method,url,name,group,check,error,error_code,tls_version,scenario,service,expected_response';

interface Running {
  readonly child: ChildProcess;
  readonly exit: Promise<unknown>;
}

function startOurs(way: Way, bench: Bench, program: BuiltProgram, url: string): Running {
  const ours = k6Engine(program);
  const engine: LoadGenerator = {
    ...ours,
    command: (jobFile) => {
      const command = ours.command(jobFile);
      return {
        ...command,
        args: command.args.filter((argument) => way === 'lines' || !argument.startsWith('--out=')),
      };
    },
  };
  const job = generatorJob({ url, loadProfile: holds('even', [rate, 60]), connections: { count: connections } });
  const running = new GeneratorProcess(job, { engine, processors: bench.ours });
  if (way === 'lines') void running.line('ready').then(() => running.send({ kind: 'start' }));
  return running;
}

function startStock(way: Way, bench: Bench, { file }: BuiltProgram, url: string): Running {
  const output =
    way === 'stock' ? [] : [`--out=json=${join(bench.folder, 'samples.json')}`, `--system-tags=${defaultTags}`];
  const [script, settings] = [join(bench.folder, 'stock.js'), join(bench.folder, 'k6.json')];
  const load = {
    executor: 'constant-arrival-rate',
    rate,
    duration: '60s',
    preAllocatedVUs: connections,
    maxVUs: connections,
  };
  const options = { scenarios: { load }, discardResponseBodies: true, systemTags: [], throw: true };
  writeFileSync(settings, '{}');
  writeFileSync(
    script,
    `import http from 'k6/http';
     export const options = ${JSON.stringify(options)};
     http.setResponseCallback(null);
     export default () => http.get(${JSON.stringify(`${url}/instant`)});`,
  );
  const args = `run --quiet --no-color --no-usage-report --address= --summary-mode=disabled --no-thresholds`.split(' ');
  const pin = bench.ours === null ? [] : ['taskset', '--cpu-list', bench.ours];
  const [command, ...rest] = [...pin, file, ...args, ...output, `--config=${settings}`, script];
  const child = spawn(command, rest, { stdio: 'ignore', env: { ...process.env, GOGC: '400' } });
  return { child, exit: new Promise((resolve) => child.once('close', resolve)) };
}

/** Clock ticks of the kernel in a second (USER_HZ). */
const ticksPerSecond = 100;

/** What a process has used since it began. */
function readingOf({ pid }: ChildProcess): { at: number; cpuMs: number } {
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return { at: Date.now(), cpuMs: seconds(((stat?.userTicks ?? 0) + (stat?.systemTicks ?? 0)) / ticksPerSecond) };
}
