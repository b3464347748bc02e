import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { messageOf } from '../../../model/message-of.ts';
import { protocolVersion } from '../port.ts';
import type { BuiltRequest } from './build-request.ts';
import { EndpointNames } from './endpoint-names.ts';
import { compileExpectation } from '../expectation.ts';
import { findWorkload } from './find-workload.ts';
import { FreshConnections } from './fresh-connections.ts';
import { GeneratorFailure } from './generator-failure.ts';
import { KeptConnections } from './kept-connections.ts';
import { LineWriter } from './line-writer.ts';
import { LoadRun } from './load-run.ts';
import { type AutocannonJob, readJob } from './read-job.ts';
import { SecondLines } from './second-lines.ts';
import { selfTest } from './self-test.ts';
import { trafficSource } from './traffic-source.ts';
import { warmUp } from './warm-up.ts';

/*
 * The generator's process: job file → self-test → warm-up → connections → `ready`, then at `start` the load, a line a
 * second, `finished`. See ../port.ts for the lines.
 */

/** Until the load begins, connections are looked after this often. */
const careMs = 50;
const failedExitCode = 1;
const writer = new LineWriter(process.stdout);
const command = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start') }),
  z.object({ kind: z.literal('stop'), reason: z.string() }),
]);

/** What standard input and signals want; `orphaned`: nobody is there any more who would read the result. */
class Orders {
  started = new Promise<void>((resolve) => (this.start = resolve));
  declare start: () => void;
  /** Before the load: nothing to wait for. */
  onStop: (orphaned: boolean) => void = () => {
    writer.write({ kind: 'finished', endedAt: epochOf(performance.now()), reason: 'stopped' });
    void leave(0);
  };

  listen(): void {
    const lines = createInterface({ input: process.stdin });
    lines.on('line', (line) => {
      const order = command.safeParse(parseJson(line));
      if (!order.success) void fail(new GeneratorFailure(`not a command: ${line}`, 'see runners/generators/port.ts'));
      else if (order.data.kind === 'start') this.start();
      else this.onStop(false);
    });
    lines.on('close', () => this.onStop(true));
    // Ctrl-C reaches the whole process group; the conductor decides what it means.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => this.onStop(false));
  }
}

async function generate(jobFile: string | undefined): Promise<void> {
  if (jobFile === undefined) throw new GeneratorFailure('no job file given', 'main.ts JOB.json');
  const orders = new Orders();
  orders.listen();
  const job = readJob(jobFile);
  const { plan } = job;
  const names = new EndpointNames();
  const build = await trafficSource(job, process.env, names);
  const workload = await findWorkload(job.url, plan.connections.requestTimeoutMs);
  const version = autocannonVersion();
  const tested = await selfTest(version);
  const warmed = await warmUp(build, unbuilt(names), names);

  let kept: KeptConnections | null = null;
  const connect = { ...workload, count: plan.connections.count, timeoutMs: plan.connections.requestTimeoutMs };
  const run = new LoadRun(
    loadSettings(job),
    build,
    unbuilt(names),
    (events) => {
      if (!plan.connections.keepAlive) return new FreshConnections(connect, events);
      kept = new KeptConnections(connect, events);
      return kept;
    },
    {
      second: (closed) => lines.add(closed),
      finished: (reason) => {
        const endedAt = epochOf(performance.now());
        void lines.written().then(() => {
          writer.write({ kind: 'finished', endedAt, reason });
          return leave(0);
        });
      },
    },
  );
  const lines = new SecondLines(run.tally, names, writer.write);
  const care = setInterval(() => {
    kept?.expire(performance.now());
    kept?.recallAll();
  }, careMs);
  await openAll(kept, job);
  writer.write({
    kind: 'ready',
    protocol: protocolVersion,
    engine: { name: 'autocannon', version, build: null },
    processId: process.pid,
    selfTest: { ...tested, ...warmed },
  });
  await orders.started;
  clearInterval(care);
  orders.onStop = (orphaned) => (orphaned ? run.stop(0) : run.stop());
  writer.write({ kind: 'started', startedAt: epochOf(run.begin()) });
}

function loadSettings({ plan }: AutocannonJob): ConstructorParameters<typeof LoadRun>[0] {
  return {
    profile: plan.loadProfile,
    seed: plan.seed,
    // Users wait for each other's connections at most; a dropped request would only make its user ask again at once.
    queueLimit: plan.loadProfile.kind === 'open' ? plan.connections.queueLimit : Number.POSITIVE_INFINITY,
    timeoutMs: plan.connections.requestTimeoutMs,
    graceMs: plan.graceMs,
  };
}

async function openAll(kept: KeptConnections | null, { url, plan }: AutocannonJob): Promise<void> {
  const failure = await kept?.openAll();
  if (failure != null)
    throw new GeneratorFailure(
      `could not open ${plan.connections.count} connections to ${url}: ${failure}`,
      'the service may limit its connections, or this machine its open files (ulimit -n); try --connections with fewer',
    );
}

function unbuilt(names: EndpointNames): BuiltRequest {
  const expectation = compileExpectation({ statuses: [], body: null });
  return { endpoint: names.indexOf('(not built)'), bytes: '', isHead: false, expectation };
}

function autocannonVersion(): string {
  const about: unknown = createRequire(import.meta.url)('autocannon/package.json');
  return z.object({ version: z.string() }).parse(about).version;
}

/** performance.now() as an instant of the wall clock. */
function epochOf(now: number): number {
  return performance.timeOrigin + now;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

let failing = false;

async function fail(error: unknown): Promise<void> {
  if (failing) return;
  failing = true;
  const reason = messageOf(error);
  const hint = error instanceof GeneratorFailure ? error.hint : 'please report this as a bug of plimsoll';
  writer.write({ kind: 'failed', reason, hint });
  await leave(failedExitCode);
}

async function leave(exitCode: number): Promise<void> {
  await writer.flushed();
  process.exit(exitCode);
}

// Nobody reads any more.
process.stdout.on('error', () => process.exit(failedExitCode));
process.on('uncaughtException', (error) => void fail(error));
generate(process.argv[2]).catch(fail);
