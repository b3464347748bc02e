import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type SimulatedQueue, plainQueue, simulateQueue } from '../analysis/models/queueing/simulate-queue.ts';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { openDatabase } from '../fixtures/services/embedded-postgres.ts';
import { buildGroupBuy, groupBuyTarget } from '../fixtures/services/group-buy-service.ts';
import { seededRandom } from '../model/random.ts';
import { type Milliseconds, milliseconds, perSecond, seconds } from '../model/units.ts';
import type { Bench, Benchmark, Figure } from './benchmark.ts';

/*
 * The search against the real service with a planted limit: a pool of so many connections, each held so long. What is
 * asked of it is what the simulator says of a queue with as many servers and that hold time.
 */
const pool = { connections: 8, hold: milliseconds(12) } as const;
const late = milliseconds(100);
const allowed = 0.01;
const objective = `within(${late}ms)>=99%`;
/** Share of the simulator's answer by which the search may be off. */
const tolerated = 0.05;

export const searchReal: Benchmark = {
  name: 'search-real',
  about: 'rate found at the real group-buy service with a planted pool, against the simulator for the planted values',
  minutes: 180,
  run: async (bench) => {
    const database = await openDatabase({ say: console.error, processors: bench.theirs });
    try {
      const binary = await buildGroupBuy(console.error);
      const target = groupBuyTarget({
        binary,
        database,
        downstreamUrl: null,
        knobs: {
          DB_POOL: String(pool.connections),
          DB_HOLD: `${pool.hold}ms`,
          // No profile of blocked goroutines: nearly all of them wait here.
          BLOCK_PROFILE_RATE: '0',
        },
      });
      const service = new Service(bench, target);
      const planted = await plantedAnswer(service, bench.quick);
      const figures: Figure[] = [planted.figure];
      for (const engine of bench.quick ? [bench.engine.name] : ['autocannon', 'k6']) {
        for (let run = 1; run <= (bench.quick ? 1 : 3); run++)
          figures.push(await searched(service, engine, run, planted.rate, bench.quick));
        figures.push(await doublingAndBisection(service, engine, planted.rate, bench.quick));
        figures.push(await breakpointRamp(service, engine, planted.rate, bench.quick));
      }
      return figures;
    } finally {
      await database.stop();
    }
  },
};

const stagesShape = z.array(
  z.object({
    index: z.number(),
    kind: z.string(),
    offeredPerSecond: z.number(),
    due: z.number(),
    serviceTimeMs: z.object({ '0.5': z.object({ estimate: z.number() }).nullable() }),
  }),
);
const runShape = z.object({
  stages: stagesShape,
  verdict: z.object({
    objectives: z.array(z.object({ stage: z.number(), measured: z.object({ estimate: z.number() }).nullable() })),
  }),
});
const searchShape = z.object({
  search: z.object({
    status: z.string(),
    boundsPerSecond: z.object({ low: z.number().nullable(), high: z.number().nullable() }),
    crossingPerSecond: z.object({ low: z.number(), high: z.number() }).nullable(),
    probes: z.array(z.object({ durationMs: z.number() })),
    reasons: z.array(z.string()),
  }),
});

/** The service as plimsoll launches it, by scenario files that differ in load and path. */
class Service {
  readonly #bench: Bench;
  readonly #target: object;

  constructor(bench: Bench, target: object) {
    this.#bench = bench;
    this.#target = target;
  }

  /** The JSON of a verb on it. */
  async ask(
    verb: 'run' | 'search',
    engine: string,
    path: string,
    stages: readonly object[],
    more: readonly string[] = [],
  ) {
    const file = join(this.#bench.folder, 'search-real.ts');
    const scenario = {
      name: 'search-real',
      target: this.#target,
      engine,
      traffic: { endpoints: [{ path }] },
      load: { arrivals: 'poisson', warmUp: '3s', stages },
      objectives: [objective],
      abort: { errors: false },
    };
    await writeFile(file, `export default ${JSON.stringify(scenario)};\n`);
    const ended = await startPlimsoll([verb, file, '--json', '--quiet', '--runs', this.#bench.folder, ...more]).ended;
    if (ended.out === '' || ended.code === 3)
      throw new Error(`plimsoll ${verb} ended with ${String(ended.code)}: ${ended.err.slice(-500)}`);
    const document: unknown = JSON.parse(ended.out);
    return document;
  }
}

const order = '/orders/1';

/** The simulator's answer for the planted pool, where a request's own cost beside the hold is measured at little load. */
async function plantedAnswer(
  service: Service,
  quick: boolean,
): Promise<{ readonly rate: number; readonly figure: Figure }> {
  const alone = async (path: string): Promise<number> => {
    const { stages } = runShape.parse(
      await service.ask('run', 'autocannon', path, [{ hold: 40, for: quick ? '5s' : '20s' }]),
    );
    return stages.find(({ kind }) => kind === 'hold')?.serviceTimeMs['0.5']?.estimate ?? Number.NaN;
  };
  // What answers without a connection costs the same but for the pool.
  const base = await alone('/menu');
  const whole = await alone(order);
  const held = milliseconds(whole - base);
  const queue: SimulatedQueue = {
    ...plainQueue,
    servers: pool.connections,
    serviceTime: held,
    service: { kind: 'constant' },
    // database/sql serves those who wait in random order.
    order: 'random',
  };
  const rate = crossingOf(queue, milliseconds(late - base), quick);
  return {
    rate,
    figure: {
      what: `simulator: ${pool.connections} servers, S ${held.toFixed(2)} ms (planted ${pool.hold}), base ${base.toFixed(2)} ms`,
      asked: 'shown',
      measured: `${rate.toFixed(0)}/s, capacity ${((pool.connections * seconds(1)) / held).toFixed(0)}/s`,
      pass: null,
    },
  };
}

/** By halving the range: long simulations at each rate, the same random numbers in all. */
function crossingOf(queue: SimulatedQueue, limit: Milliseconds, quick: boolean): number {
  let [low, high] = [0, (queue.servers * seconds(1)) / queue.serviceTime];
  while (high / low - 1 > 1e-3) {
    const rate = (low + high) / 2;
    let [due, over] = [0, 0];
    simulateQueue(
      queue,
      { rate: perSecond(rate), duration: seconds(quick ? 500 : 10_000) },
      seededRandom(1),
      (arrived, _start, end) => {
        due++;
        if (end - arrived > limit) over++;
      },
    );
    if (over / due > allowed) high = rate;
    else low = rate;
  }
  return low;
}

async function searched(service: Service, engine: string, run: number, truth: number, quick: boolean): Promise<Figure> {
  const lengths = quick ? ['--trial', '5s', '--budget', '150s'] : [];
  const { search } = searchShape.parse(
    await service.ask(
      'search',
      engine,
      order,
      [{ hold: 1, for: '1s' }],
      ['--from', '50', '--seed', String(run), ...lengths],
    ),
  );
  const { low, high } = search.boundsPerSecond;
  const error = low === null ? Number.NaN : low / truth - 1;
  const minutes = search.probes.reduce((sum, { durationMs }) => sum + durationMs, 0) / seconds(60);
  const interval = search.crossingPerSecond;
  return {
    what: `${engine}: search, run ${run}`,
    asked: `within ${percentage(tolerated)} of ${truth.toFixed(0)}/s`,
    measured: `${search.status} ${low?.toFixed(0) ?? '?'}/s (${signed(error)}), fails from ${high?.toFixed(0) ?? '?'}/s, 95 % ${interval?.low.toFixed(0) ?? '?'} to ${interval?.high.toFixed(0) ?? '?'}/s, ${minutes.toFixed(1)} min of load${search.reasons.map((reason) => `; ${reason}`).join('')}`,
    pass: quick ? null : Math.abs(error) <= tolerated,
  };
}

/** Due requests and how many of them were not within the limit, by stage. */
async function counted(service: Service, engine: string, stages: readonly object[]) {
  const document = runShape.parse(await service.ask('run', engine, order, stages));
  return document.stages
    .filter(({ kind }) => kind === 'hold')
    .map(({ index, due, offeredPerSecond }) => {
      const within = document.verdict.objectives.find(({ stage }) => stage === index)?.measured?.estimate;
      return { rate: offeredPerSecond, due, over: within === undefined ? 0 : due * (1 - within) };
    });
}

/** Nighthawk's adaptive load: trials of 10 s, doubling until one fails, then bisection to 1 %. */
async function doublingAndBisection(service: Service, engine: string, truth: number, quick: boolean): Promise<Figure> {
  let trials = 0;
  const passes = async (rate: number): Promise<boolean> => {
    trials++;
    const [trial] = await counted(service, engine, [{ hold: rate, for: quick ? '3s' : '10s' }]);
    return trial !== undefined && trial.over / trial.due <= allowed;
  };
  let [low, high] = [0, 100];
  while (await passes(high)) [low, high] = [high, 2 * high];
  while (high / low - 1 > (quick ? 0.1 : 0.01)) {
    const middle = (low + high) / 2;
    if (await passes(middle)) low = middle;
    else high = middle;
  }
  return shown(`${engine}: doubling and bisection`, low, truth, `${trials} trials`);
}

/** A breakpoint test: the rate rises by steps, and it ends when p99 of all so far crosses its threshold. */
async function breakpointRamp(service: Service, engine: string, truth: number, quick: boolean): Promise<Figure> {
  const steps = quick ? 5 : 30;
  const top = Math.ceil(1.3 * truth);
  const stair = { stair: { from: top / steps, to: top, step: top / steps }, hold: quick ? '2s' : '10s' };
  let [due, over] = [0, 0];
  for (const step of await counted(service, engine, [stair])) {
    due += step.due;
    over += step.over;
    if (over / due > allowed) return shown(`${engine}: breakpoint ramp`, step.rate, truth, `${steps} steps`);
  }
  return shown(`${engine}: breakpoint ramp`, top, truth, 'no break');
}

const shown = (what: string, rate: number, truth: number, how: string): Figure => ({
  what,
  asked: 'shown',
  measured: `${rate.toFixed(0)}/s (${signed(rate / truth - 1)}), ${how}`,
  pass: null,
});

const percentage = (share: number): string => `${(100 * share).toFixed(1)} %`;
const signed = (share: number): string => `${share > 0 ? '+' : ''}${percentage(share)}`;
