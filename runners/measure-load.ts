import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Captured,
  type CollectorSummary,
  type ProfileCapture,
  type Scrape,
  type TrafficMeasurement,
  notCollected,
} from '../model/measurements.ts';
import type { Plan } from '../model/plan.ts';
import type { RunOutcome } from '../model/run-record.ts';
import { type Milliseconds, after, between, milliseconds, seconds } from '../model/units.ts';
import { type CollectorGroup, checkCollectors } from './collect-while.ts';
import { collectorsForPlan } from './collectors/collectors-for-plan.ts';
import type { GctraceCollector } from './collectors/gctrace-collector.ts';
import type { RunJob } from './run-job.ts';
import { awaitReady, driveLoad } from './drive-load.ts';
import { startGenerator } from './generators/generator-process.ts';
import { type GeneratorJob, protocolVersion } from './generators/port.ts';
import { lowerOwnPriority } from './lower-own-priority.ts';
import { prepareTraffic } from './prepare-traffic.ts';
import { openBoundedLog } from './store/bounded-log.ts';
import { freeDisk } from './store/free-disk.ts';
import type { RunFolder } from './store/open-run-folder.ts';
import { allowedProcessors, formatProcessorSet, pinOwnProcess } from './target/processor-sets.ts';
import type { Target } from './target/target.ts';

/** What a run has measured so far; filled as it goes, so that a failure keeps what came before it. */
export interface Measured {
  readinessRequests: number;
  prepareRequests: number;
  traffic: Captured<TrafficMeasurement>;
  readonly scrapes: Scrape[];
  collectors: readonly CollectorSummary[];
  readonly profiles: ProfileCapture[];
}

export const nothingMeasured = (): Measured => ({
  readinessRequests: 0,
  prepareRequests: 0,
  traffic: notCollected('the load never began'),
  scrapes: [],
  collectors: [],
  profiles: [],
});

/** Between the engine's readiness and the load, so that a capture planned at offset 0 is not late. */
const lead = seconds(0.2);

/**
 * Prepares the traffic, starts engine and collectors, drives the load and waits for what is captured after it.
 * @throws RunFailure where the load could not begin
 */
export async function measureLoad(
  job: RunJob,
  folder: RunFolder,
  target: Target,
  gctrace: GctraceCollector,
  measured: Measured,
): Promise<RunOutcome> {
  const { world, plan, secrets } = job;
  const unpin = await pinConductor(plan);
  const working = await mkdtemp(join(tmpdir(), 'plimsoll-run-'));
  const log = openBoundedLog(folder.generatorLog, { redact: folder.redact });
  let collectors: CollectorGroup | null = null;
  let restorePriority: (() => void) | null = null;
  try {
    const jobFile = await writeJob(job, folder, target, working, measured);
    const generator = startGenerator(world, job.engine, jobFile, {
      processors: plan.processors.generator,
      secrets,
      log: log.source(),
    });
    try {
      collectors = await checkCollectors(
        collectorsForPlan(collectFrom(plan, target), {
          secrets,
          gctrace,
          saveProfile: async (capture, content) => {
            measured.profiles.push(capture);
            await folder.saveProfile(capture, content);
          },
        }),
        {
          world,
          processId: target.processId,
          address: target.address,
          generatorProcessId: generator.processId,
          record: (scrape) => {
            measured.scrapes.push(scrape);
            folder.addScrape(scrape);
          },
        },
      );
      const lines = generator.lines[Symbol.asyncIterator]();
      const ready = await awaitReady(world, generator, lines);
      // The engine has read it: gone now, it cannot outlive us either, nor can what the logins gave.
      await rm(working, { recursive: true });
      // On the processor they share the generator's schedule comes first: a reading can wait, a due time cannot.
      restorePriority = lowerOwnPriority();
      folder.addTrafficLine(ready.text);
      const loadStartsAt = after(world.now(), milliseconds(baselineLength(plan) + lead));
      collectors.start(loadStartsAt);
      const { outcome, traffic } = await driveLoad(
        {
          world,
          plan,
          targetGone: target.exited.then(({ description }) => description),
          storeBroken: folder.broken.then(({ message }) => message),
          freeDisk: () => freeDisk(folder.path),
          addTrafficLine: (text) => folder.addTrafficLine(text),
          onView: job.onView,
        },
        generator,
        lines,
        ready.line,
        loadStartsAt,
      );
      measured.traffic = traffic;
      if (outcome.status === 'completed') {
        const lastCapture = after(loadStartsAt, lastCaptureEnds(plan));
        await world.sleep(milliseconds(Math.max(0, between(world.now(), lastCapture))), world.interrupted);
      }
      return outcome;
    } finally {
      generator.kill();
      await generator.exited;
    }
  } finally {
    restorePriority?.();
    if (collectors !== null) measured.collectors = await collectors.stop();
    await log.close();
    await unpin();
    await rm(working, { recursive: true, force: true });
  }
}

/**
 * While load runs plimsoll itself stays on the generator's processors, so that it takes nothing from the target. Gives
 * the way back.
 */
async function pinConductor({ processors }: Plan): Promise<() => Promise<unknown>> {
  const before = formatProcessorSet(await allowedProcessors());
  if (processors.generator === null) return async () => null;
  await pinOwnProcess(processors.generator);
  return () => pinOwnProcess(before);
}

/** The engine's job file and what it refers to, readable by this user alone. */
async function writeJob(
  { plan }: RunJob,
  folder: RunFolder,
  target: Target,
  working: string,
  measured: Measured,
): Promise<string> {
  const secretly = { mode: 0o600 };
  const { requestsFile } = folder;
  let preparedFile: string | null = null;
  if (requestsFile !== null && plan.traffic.kind === 'module' && plan.traffic.hasPrepare) {
    const { prepared, requests } = await prepareTraffic(requestsFile, target.url);
    measured.prepareRequests = requests;
    await folder.note({ prepareRequests: requests });
    preparedFile = join(working, 'prepared.json');
    await writeFile(preparedFile, JSON.stringify(prepared), secretly);
  }
  const content: GeneratorJob = {
    protocol: protocolVersion,
    runId: folder.id,
    plan,
    url: target.url,
    requestsFile,
    preparedFile,
  };
  const jobFile = join(working, 'job.json');
  await writeFile(jobFile, JSON.stringify(content), secretly);
  return jobFile;
}

/** Paths such as `/metrics` are the target's own: its address is known now. */
function collectFrom({ collect }: Plan, { url }: Target): Plan['collect'] {
  const whole = <T extends { readonly url: string }>(source: T): T => ({
    ...source,
    url: new URL(source.url, url).href,
  });
  return {
    ...collect,
    prometheus: collect.prometheus.map(whole),
    expvar: collect.expvar.map(whole),
    pprof:
      collect.pprof === null
        ? null
        : {
            ...whole(collect.pprof),
            furtherUrls: collect.pprof.furtherUrls.map((further) => new URL(further, url).href),
          },
  };
}

const captures = ({ collect }: Plan): NonNullable<Plan['collect']['pprof']>['captures'] =>
  collect.pprof?.captures ?? [];

/** Captures with a negative offset need that long before the load. */
const baselineLength = (plan: Plan): Milliseconds =>
  milliseconds(Math.max(0, ...captures(plan).map(({ atMs }) => 0 - atMs)));

const lastCaptureEnds = (plan: Plan): Milliseconds =>
  milliseconds(Math.max(0, ...captures(plan).map(({ atMs, durationMs }) => atMs + durationMs + 1_500)));
