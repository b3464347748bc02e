import type { AttachPlan, Plan } from '../../model/plan.ts';
import { RunFailure, type World } from '../world.ts';
import { findListeners, isForwarder, isOwnAddress } from './find-listener.ts';
import { addressOfUrl } from './listening-address.ts';
import type { Target, TargetContext } from './target.ts';
import { tryConnect, waitUntilReady } from './target-ready.ts';

/**
 * Checks that the address takes connections: a TCP connect, and no HTTP request unless the plan names a readiness path.
 * Where the address is this machine's, finds the process behind it. @throws RunFailure
 */
export async function attachTarget(
  plan: Plan,
  target: AttachPlan,
  world: World,
  context: TargetContext,
): Promise<Target> {
  const address = addressOfUrl(target.url);
  const { readyPath, readyTimeoutMs: timeout } = target;
  const { ip, requests } =
    readyPath === null
      ? { ip: await connectOnce(address, timeout), requests: 0 }
      : await waitUntilReady(world, {
          address,
          readyPath,
          timeout,
          headers: { [plan.headers.run]: context.runId, [plan.headers.stage]: 'readiness' },
          givenUp: interruption(world),
        });
  const { processId, note } = await processBehind(ip, address.port);
  return {
    url: address.url,
    address: { host: address.host, port: address.port },
    processId,
    readinessRequests: requests,
    notes: [
      "attached: settings, limits and processors are the target's own, nothing was set",
      ...(note === null ? [] : [note]),
    ],
    exited: new Promise(() => {}),
    stop: async () => {},
  };
}

async function connectOnce(...[address, timeout]: Parameters<typeof tryConnect>): Promise<string> {
  const connection = await tryConnect(address, timeout);
  if (connection.status === 'closed') throw connection.failure;
  return connection.ip;
}

/** Aborted with a failure as its reason when the user wants the run to end. */
export function interruption(world: World): AbortSignal {
  const stopped = new AbortController();
  const reason = new RunFailure('target', 'interrupted before the target was ready', '');
  if (world.interrupted.aborted) stopped.abort(reason);
  else world.interrupted.addEventListener('abort', () => stopped.abort(reason), { once: true });
  return stopped.signal;
}

async function processBehind(ip: string, port: number): Promise<{ processId: number | null; note: string | null }> {
  if (!isOwnAddress(ip))
    return { processId: null, note: 'the target runs on another machine: no readings of its process' };
  const listeners = await findListeners(ip, port);
  const [first] = listeners;
  if (first === undefined)
    return { processId: null, note: `the process that listens on port ${port} could not be seen: no readings of it` };
  if (isForwarder(first))
    return {
      processId: null,
      note: `port ${port} belongs to ${first.command}, which only passes connections on: no readings of the target's process`,
    };
  const several =
    listeners.length > 1
      ? `${listeners.length} processes listen on port ${port}; readings are of ${first.processId} only`
      : null;
  return { processId: first.processId, note: several };
}
