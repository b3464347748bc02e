import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { cpuProfileUse } from '../analysis/profiles/cpu-profile-use.ts';
import { buildGroupBuy } from '../fixtures/services/group-buy-service.ts';
import { type GroupBuy, startGroupBuy } from '../fixtures/services/start-group-buy.ts';
import { LatencyHistogram } from '../model/latency-histogram.ts';
import type { ProfileCapture, TrafficMeasurement } from '../model/measurements.ts';
import type { Plan } from '../model/plan.ts';
import { seededRandom } from '../model/random.ts';
import { type Milliseconds, after, between, milliseconds, nanoseconds, seconds } from '../model/units.ts';
import { collectorsForPlan } from '../runners/collectors/collectors-for-plan.ts';
import { conductRun } from '../runners/conduct-run.ts';
import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';
import { ownProgram } from '../runners/package-root.ts';
import { type World, realWorld } from '../runners/world.ts';
import { loadScenarioFile } from '../scenarios/load-scenario-file.ts';
import { planRun } from '../scenarios/plan-run.ts';

const wishesShape = z.object({
  rate: z.number(),
  pairs: z.number(),
  stageSeconds: z.number(),
  generatorProcessors: z.string().nullable(),
  targetProcessors: z.string().nullable(),
  folder: z.string(),
  seed: z.number(),
});
export type CollectingRunWishes = z.infer<typeof wishesShape>;

/** `all`: every collector as a plan has them; `readings`: those that read at an interval, `amplification` times as often. */
const armShape = z.enum(['none', 'all', 'readings']);
export type CollectingArm = z.infer<typeof armShape>;
/** Every reading costs the same, so what many cost is a larger thing to measure against the same noise. */
export const amplification = 10;

const blockShape = z.object({
  arm: armShape,
  from: z.number(),
  to: z.number(),
  /** CPU of the target in it. */
  cpuMs: z.number(),
  /** Requests due in the seconds wholly inside it. */
  seconds: z.array(z.object({ from: z.number(), responseTime: z.string(), serviceTime: z.string() })),
});
export type CollectingBlock = z.infer<typeof blockShape>;
const idleBlockShape = blockShape.omit({ seconds: true });
export type IdleBlock = z.infer<typeof idleBlockShape>;

export const collectingRunResult = z.object({
  /** Two of a pair follow one another, in random order; one of them is of arm `none`. */
  blocks: z.array(blockShape),
  /** The same of `all`, when the load is over: what the service does then, it does for the collectors. */
  idle: z.array(idleBlockShape),
  /** As the CPU profiles tell. */
  samples: z.object({ all: z.number(), collecting: z.number() }),
});
export type CollectingRun = z.infer<typeof collectingRunResult>;

const warmUp = seconds(5);
/** After a stage its snapshots are taken: they belong to what the stage cost. */
const snapshotTime = seconds(1);

const idlePairs = 5;

/**
 * One long run of even load against a fresh group-buy service in memory. Meanwhile the collectors of a plan are switched
 * on for the length of a stage and off for as long, over and over: the service, its heap and the machine are the same for
 * both, which they are not from one run to the next. At the end the same without load, where neighbours have nothing to
 * slow down.
 */
async function collectingRun(wishes: CollectingRunWishes): Promise<CollectingRun> {
  // With block and mutex profiles on: they are the service's own setting, collected or not.
  const service = await startGroupBuy(
    {
      binary: await buildGroupBuy(() => undefined),
      database: null,
      downstreamUrl: null,
      knobs: { GOMAXPROCS: '1' },
    },
    wishes.targetProcessors,
  );
  const enough = new AbortController();
  const world = realWorld({ say: () => undefined, interrupted: enough.signal });
  try {
    const { load, collect, requestsModule } = await plans(wishes, service.url);
    const began = Promise.withResolvers<null>();
    const running = conductRun({
      plan: load,
      requestsModule,
      world,
      engine: autocannonEngine,
      runsDirectory: wishes.folder,
      secrets: {},
      onFolder: () => undefined,
      onView: () => began.resolve(null),
    });
    await Promise.race([began.promise, running]);
    await world.sleep(warmUp);
    const watched = new Watched(world, service, collect, seconds(wishes.stageSeconds));
    const random = seededRandom(wishes.seed);
    const pairOf = async (arm: CollectingArm): Promise<readonly IdleBlock[]> => {
      const onFirst = random.below(2) === 0;
      const first = await watched.block(onFirst ? arm : 'none');
      return [first, await watched.block(onFirst ? 'none' : arm)];
    };
    const blocks: IdleBlock[] = [];
    for (let pair = 0; pair < wishes.pairs; pair++)
      for (const arm of pair % 4 === 0 ? (['all', 'readings'] as const) : (['all'] as const))
        blocks.push(...(await pairOf(arm)));
    const samples = watched.samples();
    enough.abort();
    const { record } = await running;
    const idle: IdleBlock[] = [];
    for (let pair = 0; pair < idlePairs; pair++) idle.push(...(await pairOf('all')));
    if (record.traffic.status !== 'captured' || record.outcome.status !== 'aborted')
      throw new Error(`the load did not last: ${JSON.stringify(record.outcome)}`);
    const { value: traffic } = record.traffic;
    return {
      blocks: blocks.map((block) => ({ ...block, seconds: secondsOf(traffic, block) })),
      idle,
      samples,
    };
  } finally {
    enough.abort();
    await service.stop();
  }
}

/** The load without any collector, and what a plan of one stage would collect. */
async function plans(
  { rate, pairs, stageSeconds, generatorProcessors, targetProcessors }: CollectingRunWishes,
  url: string,
): Promise<{
  readonly load: Plan;
  readonly collect: Plan['collect'];
  readonly requestsModule: Parameters<typeof conductRun>[0]['requestsModule'];
}> {
  const { scenario, requestsModule, rows } = await loadScenarioFile(ownProgram('scenarios/catalog/demo.ts'));
  const plan = (collecting: boolean, length: number): Plan => {
    const result = planRun(
      {
        ...scenario,
        target: url,
        load: { arrivals: 'even', warmUp: '0s', stages: [{ hold: rate, for: `${length}s` }] },
        collect: collecting
          ? { metrics: `${url}/metrics`, pprof: `${url}/debug/pprof`, profiles: 'full', interval: '1s' }
          : {},
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
    return result.plan;
  };
  // Twice as long as all blocks take: it is ended when they are over.
  return {
    load: plan(false, 8 * pairs * (stageSeconds + 2) + 60),
    collect: plan(true, stageSeconds).collect,
    requestsModule,
  };
}

/** The target with collectors that can be switched on for a stage. */
class Watched {
  readonly #captures: ProfileCapture[] = [];
  readonly #profiles = new Map<string, Uint8Array>();
  readonly #world: World;
  readonly #service: GroupBuy;
  readonly #collect: Readonly<Record<CollectingArm, Plan['collect'] | null>>;
  readonly #length: Milliseconds;

  constructor(world: World, service: GroupBuy, collect: Plan['collect'], length: Milliseconds) {
    this.#world = world;
    this.#service = service;
    this.#collect = { none: null, all: onlyUnderLoad(collect), readings: amplified(collect) };
    this.#length = length;
  }

  async block(arm: CollectingArm): Promise<IdleBlock> {
    const from = this.#world.now();
    const before = cpuOf(this.#service.processId);
    const collectors = this.#collectors(arm);
    for (const collector of collectors) collector.start(this.#context(), from);
    const end = after(after(from, this.#length), snapshotTime);
    await this.#world.sleep(between(this.#world.now(), end));
    for (const { status } of await Promise.all(collectors.map((collector) => collector.stop())))
      if (status.status !== 'captured') throw new Error(`a collector gave nothing: ${status.reason}`);
    const cpuMs = cpuOf(this.#service.processId) - before;
    return { arm, from, to: this.#world.now(), cpuMs };
  }

  samples(): CollectingRun['samples'] {
    const sum = { all: 0, collecting: 0 };
    const read = (file: string): Uint8Array => this.#profiles.get(file) ?? new Uint8Array();
    for (const { samples } of cpuProfileUse(this.#captures, read)) {
      if (samples.status !== 'captured') throw new Error(`a CPU profile is missing: ${samples.reason}`);
      sum.all += samples.value.all;
      sum.collecting += samples.value.collecting;
    }
    return sum;
  }

  #collectors(arm: CollectingArm): ReturnType<typeof collectorsForPlan> {
    const collect = this.#collect[arm];
    if (collect === null) return [];
    return collectorsForPlan(collect, {
      secrets: {},
      gctrace: null,
      saveProfile: (capture, content) => {
        if (capture.content.status === 'captured' && content !== null) {
          const file = `${this.#captures.length}`;
          this.#profiles.set(file, content);
          this.#captures.push({
            ...capture,
            content: { status: 'captured', value: { ...capture.content.value, file } },
          });
        }
        return Promise.resolve();
      },
    });
  }

  #context(): Parameters<ReturnType<typeof collectorsForPlan>[number]['start']>[0] {
    const { hostname, port } = new URL(this.#service.url);
    return {
      world: this.#world,
      processId: this.#service.processId,
      address: { host: hostname, port: Number(port) },
      generatorProcessId: null,
      record: () => undefined,
    };
  }
}

/** Idle baseline and cool-down are not under load. */
function onlyUnderLoad(collect: Plan['collect']): Plan['collect'] {
  if (collect.pprof === null) return collect;
  const captures = collect.pprof.captures.filter(({ label }) => label === 'stage');
  return { ...collect, pprof: { ...collect.pprof, captures } };
}

function amplified({ prometheus, process: ofProcess, sockets, ...collect }: Plan['collect']): Plan['collect'] {
  return {
    ...collect,
    pprof: null,
    prometheus: prometheus.map(often),
    process: ofProcess === null ? null : often(ofProcess),
    sockets: sockets === null ? null : often(sockets),
  };
}

function often<Source extends { readonly intervalMs: Milliseconds }>(source: Source): Source {
  return { ...source, intervalMs: milliseconds(source.intervalMs / amplification) };
}

/** Time all threads ran, in steps of nanoseconds; the totals in /proc/PID/stat come in steps of 10 ms. */
function cpuOf(processId: number): number {
  const tasks = `/proc/${processId}/task`;
  return readdirSync(tasks).reduce((sum, task) => {
    const [ran = ''] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ');
    return sum + nanoseconds(Number(ran));
  }, 0);
}

function secondsOf({ cells, startedAt }: TrafficMeasurement, { from, to }: IdleBlock): CollectingBlock['seconds'] {
  const inside = cells.filter(({ outcome, second }) => {
    return outcome === 'done' && startedAt + seconds(second) >= from && startedAt + seconds(second + 1) <= to;
  });
  return [...Map.groupBy(inside, ({ second }) => second)].map(([second, list]) => ({
    from: after(startedAt, seconds(second)),
    responseTime: merged(list.map(({ responseTime }) => responseTime)),
    serviceTime: merged(list.map(({ serviceTime }) => serviceTime)),
  }));
}

function merged(texts: readonly (string | null)[]): string {
  const histogram = new LatencyHistogram();
  for (const text of texts) if (text !== null) histogram.addEncoded(text);
  return histogram.encode();
}

// A process of its own: plimsoll lowers its own priority while it conducts, and can't take that back.
if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(await collectingRun(wishesShape.parse(JSON.parse(process.argv[2] ?? '')))));
