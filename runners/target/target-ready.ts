import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { messageOf } from '../../model/message-of.ts';
import { type Milliseconds, after, between, inSeconds, milliseconds, seconds } from '../../model/units.ts';
import { RunFailure, type World } from '../world.ts';
import type { TargetAddress } from './listening-address.ts';

/** How an address answered a TCP connect. */
export type Reachability =
  | { readonly status: 'open'; readonly ip: string }
  | { readonly status: 'closed'; readonly failure: RunFailure };

/** One TCP connect, closed at once; nothing is sent. */
export async function tryConnect(address: TargetAddress, timeout: Milliseconds): Promise<Reachability> {
  const { host, port } = address;
  const socket = connect({ host, port });
  const signal = AbortSignal.timeout(Math.max(1, Math.round(timeout)));
  try {
    await once(socket, 'connect', { signal });
    return { status: 'open', ip: socket.remoteAddress ?? host };
  } catch (error) {
    return refusal(error, host, port, timeout);
  } finally {
    socket.on('error', () => {}); // it may still fail while it is being torn down
    socket.destroy();
  }
}

function refusal(error: unknown, host: string, port: number, timeout: Milliseconds): Reachability {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return closed(`the name ${host} could not be resolved (${code})`, 'check the spelling, or give the IP address');
    case 'ECONNREFUSED':
      return closed(`${place} refused the connection`, 'is the service running, and is the port right?');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return closed(`${place} cannot be reached from this machine (${code})`, 'check the address, the route and VPNs');
    case 'ABORT_ERR':
    case 'ETIMEDOUT':
      return closed(
        `${place} did not answer a connect within ${inSeconds(timeout)} s`,
        'a firewall may drop the packets; check address and port',
      );
    default:
      return closed(`${place} could not be connected to: ${messageOf(error)}`, '');
  }
}

const closed = (message: string, hint: string): Reachability => ({
  status: 'closed',
  failure: new RunFailure('target', message, hint),
});
export interface ReadinessWait {
  readonly address: TargetAddress;
  readonly readyPath: string | null;
  readonly timeout: Milliseconds;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the waiting, with the reason that is then thrown. */
  readonly givenUp: AbortSignal;
}

/**
 * Asks again and again until the address takes connections and, with a readiness path, answers it with 2xx. Gives the
 * IP address and how many HTTP requests reached the target. @throws RunFailure when the time is up
 */
export async function waitUntilReady(
  world: World,
  { address, readyPath, timeout, headers, givenUp }: ReadinessWait,
): Promise<{ readonly ip: string; readonly requests: number }> {
  const deadline = after(world.now(), timeout);
  let requests = 0;
  let last = new RunFailure('target', `${address.host}:${address.port} was never asked`, '');
  const longestLook = seconds(5);
  for (let pause = firstPause; ; pause = milliseconds(Math.min(longestPause, pause * 2))) {
    if (givenUp.aborted) throw givenUp.reason;
    const left = between(world.now(), deadline);
    const look = milliseconds(Math.max(1, Math.min(longestLook, left)));
    const connection = await tryConnect(address, look);
    if (connection.status === 'closed') last = connection.failure;
    else if (readyPath === null) return { ip: connection.ip, requests };
    else {
      const answer = await ask(new URL(readyPath, address.url), headers, look);
      if (answer.sent) requests++;
      if (answer.problem === null) return { ip: connection.ip, requests };
      last = new RunFailure(
        'target',
        `${readyPath} ${answer.problem}`,
        'raise the readiness timeout, or check the path',
      );
    }
    if (world.now() + pause >= deadline)
      throw new RunFailure(
        'target',
        `the target was not ready within ${inSeconds(timeout)} s: ${last.message}`,
        last.hint,
      );
    await world.sleep(pause, givenUp);
  }
}

const firstPause = milliseconds(20);
const longestPause = milliseconds(250);

/** One GET on a connection of its own. `problem` is null where it was answered with 2xx. */
async function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  timeout: Milliseconds,
): Promise<{ readonly sent: boolean; readonly problem: string | null }> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    let sent = false;
    const request = send(url, { agent: false, headers: { ...headers, connection: 'close' } });
    const timer = setTimeout(() => request.destroy(new Error('did not answer in time')), timeout);
    const finish = (problem: string | null): void => {
      clearTimeout(timer);
      request.destroy();
      resolve({ sent, problem });
    };
    request.on('finish', () => (sent = true));
    request.on('response', (response) => {
      sent = true;
      const status = response.statusCode ?? 0;
      response.on('error', () => {}); // cut off below
      finish(status >= 200 && status < 300 ? null : `answered with status ${status}`);
    });
    request.on('error', (error) => finish(error.message));
    request.end();
  });
}
