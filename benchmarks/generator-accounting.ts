import { setTimeout as sleep } from 'node:timers/promises';
import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { endpoint, generatorJob, holds } from '../fixtures/generator-job.ts';
import { GeneratorProcess, booksOf } from '../fixtures/generator-process.ts';
import { milliseconds } from '../model/units.ts';
import type { Benchmark } from './benchmark.ts';

const paths = [
  '/instant',
  '/reset',
  '/nothing',
  '/truncated',
  '/hang',
  '/malformed',
  '/status?code=503',
  '/sleep?ms=30',
  '/close',
];

/** Every request accounted for, under all faults at once and a target that crashes and comes back. */
export const generatorAccounting: Benchmark = {
  name: 'generator-accounting',
  about: 'due = done + failed + shed + dropped + in flight, under faults',
  minutes: 2,
  run: async (bench) => {
    const binary = await buildTestProgram('arrival-log');
    const differences: number[] = [];
    const seen: string[] = [];
    try {
      for (let repeat = 0; repeat < bench.repeats; repeat++) {
        let target = await ArrivalLog.start({ binary, processors: bench.theirs });
        const job = generatorJob({
          url: target.url,
          traffic: {
            kind: 'endpoints',
            rows: [],
            endpoints: paths.map((path) => endpoint({ path, weight: path === '/instant' ? 5 : 1 })),
          },
          loadProfile: holds('poisson', [1000, bench.quick ? 5 : 20]),
          connections: { count: 200, requestTimeoutMs: milliseconds(700), queueLimit: 300 },
          graceMs: 300,
          seed: repeat,
        });
        const generator = new GeneratorProcess(job, { processors: bench.ours, engine: bench.engine });
        await generator.line('ready');
        generator.send({ kind: 'start' });
        await sleep(1500);
        const { port } = target;
        await target.stop();
        await sleep(1000);
        target = await ArrivalLog.start({ binary, processors: bench.theirs, port });
        await generator.line('finished');
        await generator.exit;
        await target.stop();
        const { due, outcomes, failures } = booksOf(generator.lines);
        differences.push(due - Object.values(outcomes).reduce((sum, count) => sum + count, 0));
        seen.push(JSON.stringify({ due, ...outcomes, ...failures }));
      }
    } finally {
    }
    return [
      {
        what: 'due less all outcomes, worst of all runs',
        asked: 'exactly 0',
        measured: `${Math.max(...differences.map(Math.abs))} (${seen.at(-1) ?? ''})`,
        pass: differences.every((difference) => difference === 0),
      },
    ];
  },
};
