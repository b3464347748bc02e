import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { generatorJob, holds } from '../fixtures/generator-job.ts';
import { GeneratorProcess } from '../fixtures/generator-process.ts';
import type { LoadProfile } from '../model/load-profile.ts';
import { microsecondsOf, milliseconds, seconds } from '../model/units.ts';
import { type Bench, type Benchmark, type Figure, median } from './benchmark.ts';
import { stockRun } from './stock-run.ts';

const rate = 5000;

/** CPU per request beside the same client without our schedule, and beside other tools that are installed. */
export const generatorCpu: Benchmark = {
  name: 'generator-cpu',
  about: `CPU per request at ${rate}/s`,
  minutes: 6,
  run: async (bench) => {
    const length = bench.quick ? 5 : 15;
    const binary = await buildTestProgram('arrival-log');
    const target = await ArrivalLog.start({ binary, processors: bench.theirs });
    const [ours, stock]: [number[], number[]] = [[], []];
    try {
      const url = `${target.url}/instant`;
      for (let repeat = 0; repeat < bench.repeats; repeat++) {
        const stockResult = await stockRun(bench.ours, { url, rate, seconds: length, connections: 50 });
        stock.push(stockResult.cpuMs / stockResult.requests);
        const job = generatorJob({ url: target.url, loadProfile: holds('even', [rate, length]) });
        const books = await new GeneratorProcess(job, { processors: bench.ours }).run();
        ours.push(books.cpuMs / books.due);
        await target.clear();
      }
      const ratio = median(ours.map((value, index) => value / (stock[index] ?? Number.NaN)));
      return [
        {
          what: 'CPU per request against stock autocannon, same rate',
          asked: '≤ 1.6',
          measured: `${ratio.toFixed(2)} (${micros(ours)} against ${micros(stock)} µs)`,
          pass: ratio <= 1.6,
        },
        await atFullSpeed(bench, target, length),
        ...(await others(bench, url, length)),
      ];
    } finally {
      await target.stop();
    }
  },
};

/**
 * What the rate hides: at 5,000/s stock autocannon sends each second's requests at once, as fast as they are answered,
 * and then sleeps, while ours are spread, so that generator and target fall asleep and are woken about once a
 * millisecond. Both as fast as they can, with as many connections, do the same work.
 */
async function atFullSpeed(bench: Bench, target: ArrivalLog, length: number): Promise<Figure> {
  const [ours, stock]: [number[], number[]] = [[], []];
  const users = 50;
  const loadProfile: LoadProfile = {
    kind: 'closed',
    thinkTimeMs: milliseconds(0),
    stages: [{ name: 'full speed', kind: 'hold', users, durationMs: seconds(length) }],
  };
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const url = `${target.url}/instant`;
    const stockResult = await stockRun(bench.ours, { url, rate: 0, seconds: length, connections: users });
    stock.push(stockResult.cpuMs / stockResult.requests);
    await target.clear();
    const books = await new GeneratorProcess(generatorJob({ url: target.url, loadProfile }), {
      processors: bench.ours,
    }).run();
    ours.push(books.cpuMs / books.due);
    await target.clear();
  }
  const ratio = median(ours.map((value, index) => value / (stock[index] ?? Number.NaN)));
  return {
    what: 'the same, both at full speed (no gaps between requests)',
    asked: '-',
    measured: `${ratio.toFixed(2)} (${micros(ours)} against ${micros(stock)} µs)`,
    pass: null,
  };
}

function micros(cpuMs: readonly number[]): string {
  return microsecondsOf(milliseconds(median(cpuMs))).toFixed(0);
}

/** Tools that may be installed: how to run each, and where in its output the number of requests is. */
const tools: readonly { name: string; command: (url: string, length: number) => string; requests: RegExp }[] = [
  {
    name: 'wrk (closed loop, as fast as it goes)',
    command: (url, length) => `wrk -t1 -c50 -d${length}s ${url}`,
    requests: /(\d+) requests in/,
  },
  {
    name: 'hey',
    command: (url, length) => `hey -z ${length}s -c 50 -q ${rate / 50} ${url}`,
    requests: /\[200\]\s+(\d+) responses/,
  },
  {
    name: 'vegeta',
    command: (url, length) => `echo GET ${url} | vegeta attack -rate ${rate} -duration ${length}s | vegeta report`,
    requests: /Requests\s+\[[^\]]*\]\s+(\d+)/,
  },
  {
    name: 'oha',
    command: (url, length) => `oha --no-tui -z ${length}s -c 50 -q ${rate} ${url}`,
    requests: /\[200\] (\d+) responses/,
  },
];

async function others(bench: Bench, url: string, length: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, command, requests } of tools) {
    const [program = ''] = name.split(' ');
    const pin = bench.ours === null ? '' : `taskset --cpu-list ${bench.ours}`;
    const script = `command -v ${program} >/dev/null || exit 0; TIMEFORMAT='cpu %U %S'; time ${pin} bash -c '${command(url, length)}'`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script]);
    const [count, cpu] = [requests.exec(stdout)?.[1], /cpu ([\d.]+) ([\d.]+)/.exec(stderr)];
    const spent = seconds(Number(cpu?.[1]) + Number(cpu?.[2]));
    const measured =
      count === undefined || cpu === null
        ? 'not installed'
        : `${microsecondsOf(milliseconds(spent / Number(count)))} µs`;
    figures.push({ what: `CPU per request of ${name}`, asked: '-', measured, pass: null });
  }
  return figures;
}
