import { type LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { messageOf } from '../../../model/message-of.ts';
import type { WireAddress } from './wire-connection.ts';
import { GeneratorFailure } from './generator-failure.ts';

/**
 * The first address of the URL's host that takes a TCP connection (localhost may be ::1 or 127.0.0.1). Nothing is sent.
 * @throws GeneratorFailure with the reason
 */
export async function findWorkload(url: string, timeoutMs: number): Promise<WireAddress> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'http:')
    throw new GeneratorFailure(
      `${protocol}// is not possible with the autocannon engine, which never verifies certificates`,
      'use the k6 engine (--engine k6), or point the run at a plain http port',
    );
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  let addresses: LookupAddress[];
  try {
    addresses = await lookup(bare, { all: true });
  } catch (error) {
    throw new GeneratorFailure(`the host ${bare} is not known: ${messageOf(error)}`, 'check the name in the URL');
  }
  const reasons: string[] = [];
  for (const { address } of addresses) {
    const workload = { hostname: address, port: Number(port || '80') };
    const reason = await refusal(workload, timeoutMs);
    if (reason === null) return workload;
    reasons.push(reason);
  }
  throw new GeneratorFailure(
    `no connection to ${url}: ${[...new Set(reasons)].join('; ')}`,
    'check that the service is running and that the address and port are right',
  );
}

async function refusal(address: WireAddress, timeoutMs: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const socket = connect({ host: address.hostname, port: address.port });
    const end = (reason: string | null): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(timeoutMs, () => end(`no answer from ${address.hostname} within ${timeoutMs} ms`));
    socket.once('connect', () => end(null));
    socket.once('error', (error) => end(error.message));
  });
}
