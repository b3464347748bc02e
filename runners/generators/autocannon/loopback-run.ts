import { LatencyHistogram } from '../../../model/latency-histogram.ts';
import type { OpenLoadProfile } from '../../../model/load-profile.ts';
import type { FailureKind, OutcomeKind } from '../../../model/measurements.ts';
import { type Milliseconds, perSecond } from '../../../model/units.ts';
import type { GeneratorSecond } from '../port.ts';
import type { BuildRequest, BuiltRequest } from './build-request.ts';
import type { EndpointNames } from './endpoint-names.ts';
import { KeptConnections } from './kept-connections.ts';
import { LoadRun } from './load-run.ts';
import type { LoopbackServer } from './loopback-server.ts';
import { SecondLines } from './second-lines.ts';

export interface LoopbackResult {
  readonly due: number;
  readonly sent: number;
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  readonly serviceTime: LatencyHistogram;
  readonly lateness: LatencyHistogram;
}

export interface LoopbackLoad {
  readonly perSecond: number;
  readonly durationMs: Milliseconds;
  readonly connections: number;
  /** For the answer to one request, and for all that are left at the end. */
  readonly patienceMs: Milliseconds;
}

/**
 * Runs the whole machinery, encoder included, against the server of our own process.
 * @throws Error where it comes to no end
 */
export async function loopbackRun(
  server: LoopbackServer,
  load: LoopbackLoad,
  build: BuildRequest,
  unbuilt: BuiltRequest,
  names: EndpointNames,
): Promise<LoopbackResult> {
  const { patienceMs } = load;
  const rate = perSecond(load.perSecond);
  const profile: OpenLoadProfile = {
    kind: 'open',
    arrivals: 'even',
    stages: [
      { name: 'loopback', kind: 'warm-up', startPerSecond: rate, endPerSecond: rate, durationMs: load.durationMs },
    ],
  };
  const lines: GeneratorSecond[] = [];
  const connect = { hostname: '127.0.0.1', port: server.port, count: load.connections, timeoutMs: patienceMs };
  let connections: KeptConnections | undefined;
  let deadline: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    deadline = setTimeout(() => reject(new Error(`no end within ${deadlineMs} ms`)), deadlineMs);
    const run = new LoadRun(
      { profile, seed: 1, queueLimit: load.perSecond, timeoutMs: patienceMs, graceMs: patienceMs },
      build,
      unbuilt,
      (events) => (connections = new KeptConnections(connect, events)),
      {
        second: (closed) => encoder.add(closed),
        finished: () => void encoder.written().then(resolve),
      },
    );
    const encoder = new SecondLines(run.tally, names, (line) => lines.push(line));
    const opened = (failure: FailureKind | null): number | void =>
      failure === null ? run.begin() : reject(new Error(`no connection to our own server: ${failure}`));
    connections?.openAll().then(opened).catch(reject);
  });
  clearTimeout(deadline);
  return sumOf(lines);
}

/** Of the whole: for a run that comes to no end, not for one on a machine that is busy with other things. */
const deadlineMs = 60_000;

function sumOf(lines: readonly GeneratorSecond[]): LoopbackResult {
  const outcomes = { done: 0, failed: 0, shed: 0, dropped: 0, 'in-flight': 0 };
  const serviceTime = new LatencyHistogram();
  const lateness = new LatencyHistogram();
  let due = 0;
  let sent = 0;
  for (const line of lines) {
    if (line.health.lateness !== null) lateness.addEncoded(line.health.lateness);
    for (const count of line.counts) {
      due += count.due;
      sent += count.sent;
    }
    for (const cell of line.cells) {
      outcomes[cell.outcome] += cell.count;
      if (cell.serviceTime !== null) serviceTime.addEncoded(cell.serviceTime);
    }
  }
  return { due, sent, outcomes, serviceTime, lateness };
}
