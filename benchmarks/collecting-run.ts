import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { cpuProfileUse } from '../analysis/profiles/cpu-profile-use.ts';
import { buildGroupBuy, groupBuyTarget } from '../fixtures/services/group-buy-service.ts';
import { LatencyHistogram } from '../model/latency-histogram.ts';
import type { RunRecord } from '../model/run-record.ts';
import { nanoseconds, seconds } from '../model/units.ts';
import { conductRun } from '../runners/conduct-run.ts';
import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';
import { ownProgram } from '../runners/package-root.ts';
import { pinnedCommand } from '../runners/target/processor-sets.ts';
import { realWorld } from '../runners/world.ts';
import { loadScenarioFile } from '../scenarios/load-scenario-file.ts';
import { planRun } from '../scenarios/plan-run.ts';

const wishesShape = z.object({
  collecting: z.boolean(),
  rate: z.number(),
  holds: z.number(),
  holdSeconds: z.number(),
  generatorProcessors: z.string().nullable(),
  targetProcessors: z.string().nullable(),
  folder: z.string(),
});
export type CollectingRunWishes = z.infer<typeof wishesShape>;

export const collectingRunResult = z.object({
  /** CPU of the target from before plimsoll came until after it had left. */
  cpuMs: z.number(),
  done: z.number(),
  /** Instant of the load's second 0. */
  startedAt: z.number(),
  /** Of the holds' steady windows, by second of the load. */
  seconds: z.array(z.object({ second: z.number(), responseTime: z.string(), serviceTime: z.string() })),
  /** As the run's own CPU profiles tell. */
  samples: z.object({ all: z.number(), collecting: z.number() }),
});
export type CollectingRun = z.infer<typeof collectingRunResult>;

/** One run against a fresh group-buy service in memory, with all collectors or with none. */
async function collectingRun(wishes: CollectingRunWishes): Promise<CollectingRun> {
  const service = await startService(wishes.targetProcessors);
  try {
    const before = cpuOf(service.processId);
    const { record, folder } = await conductRun({
      ...(await planned(wishes, service.url)),
      world: realWorld({ say: () => undefined, interrupted: new AbortController().signal }),
      engine: autocannonEngine,
      runsDirectory: wishes.folder,
      secrets: {},
      onView: () => undefined,
    });
    return resultOf(record, folder, cpuOf(service.processId) - before);
  } finally {
    await service.stop();
  }
}

async function planned(
  { collecting, rate, holds, holdSeconds, generatorProcessors, targetProcessors }: CollectingRunWishes,
  url: string,
): Promise<Pick<Parameters<typeof conductRun>[0], 'plan' | 'requestsModule'>> {
  const { scenario, requestsModule, rows } = await loadScenarioFile(ownProgram('scenarios/catalog/demo.ts'));
  const result = planRun(
    {
      ...scenario,
      target: url,
      load: {
        arrivals: 'poisson',
        warmUp: { rate, for: '3s' },
        stages: Array.from({ length: holds }, () => ({ hold: rate, for: `${holdSeconds}s` })),
      },
      collect: collecting ? { metrics: '/metrics', pprof: '/debug/pprof', profiles: 'full', interval: '1s' } : {},
    },
    {
      requestsModule,
      rows,
      workingDirectory: process.cwd(),
      processors: { generator: generatorProcessors, target: targetProcessors },
      // What is read of a target on this machine (its process, control group and sockets) is collected, too.
      targetIsLocal: collecting,
      hasVariable: () => true,
    },
  );
  if (!result.ok) throw new Error(result.reasons.map(({ where, message }) => `${where}: ${message}`).join('; '));
  return { plan: result.plan, requestsModule };
}

interface Service {
  readonly url: string;
  readonly processId: number;
  stop(): Promise<void>;
}

/** With block and mutex profiles on in both arms: they are the service's own setting. */
async function startService(processors: string | null): Promise<Service> {
  const binary = await buildGroupBuy(() => undefined);
  const { environment } = groupBuyTarget({ binary, database: null, downstreamUrl: null, knobs: { GOMAXPROCS: '1' } });
  const [file, ...args] = processors === null ? [binary] : pinnedCommand([binary], processors);
  const child: ChildProcess = spawn(file, args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await exited;
  };
  if (child.stdout === null || child.pid === undefined) throw new Error('the service did not start');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
    if (url !== undefined) return { url, processId: child.pid, stop };
  }
  throw new Error('the service ended before it listened');
}

/** Time all threads ran, in steps of nanoseconds; the totals in /proc/PID/stat come in steps of 10 ms. */
function cpuOf(processId: number): number {
  const tasks = `/proc/${processId}/task`;
  return readdirSync(tasks).reduce((sum, task) => {
    const [ran = ''] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ');
    return sum + nanoseconds(Number(ran));
  }, 0);
}

function resultOf(record: RunRecord, folder: string, cpuMs: number): CollectingRun {
  const { plan, traffic, outcome, profiles } = record;
  if (traffic.status !== 'captured' || outcome.status !== 'completed')
    throw new Error(`the run did not complete: ${JSON.stringify(outcome)}`);
  const { cells, startedAt } = traffic.value;
  const done = cells.filter((cell) => cell.outcome === 'done');
  const steady = done.filter(({ stage, second }) => {
    const window = plan.steadyWindows[stage];
    const isHold = plan.loadProfile.stages[stage]?.kind === 'hold';
    return isHold && window !== undefined && seconds(second) >= window.fromMs && seconds(second + 1) <= window.toMs;
  });
  const samples = { all: 0, collecting: 0 };
  for (const use of cpuProfileUse(profiles, (file) => readFileSync(join(folder, file)))) {
    if (use.samples.status !== 'captured') throw new Error(`a CPU profile is missing: ${use.samples.reason}`);
    samples.all += use.samples.value.all;
    samples.collecting += use.samples.value.collecting;
  }
  return {
    cpuMs,
    done: done.reduce((sum, { count }) => sum + count, 0),
    startedAt,
    seconds: [...Map.groupBy(steady, ({ second }) => second)].map(([second, list]) => ({
      second,
      responseTime: merged(list.map(({ responseTime }) => responseTime)),
      serviceTime: merged(list.map(({ serviceTime }) => serviceTime)),
    })),
    samples,
  };
}

function merged(texts: readonly (string | null)[]): string {
  const histogram = new LatencyHistogram();
  for (const text of texts) if (text !== null) histogram.addEncoded(text);
  return histogram.encode();
}

// A process of its own for each run: plimsoll lowers its own priority while it conducts, and can't take that back.
if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(await collectingRun(wishesShape.parse(JSON.parse(process.argv[2] ?? '')))));
