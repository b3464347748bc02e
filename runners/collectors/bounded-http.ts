import { type IncomingMessage, type RequestOptions, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../../model/message-of.ts';
import { sizeText } from '../../model/size-text.ts';
import { type Bytes, type Milliseconds, between, bytes } from '../../model/units.ts';
import type { World } from '../world.ts';
import { type AdminAccess, resolveAdminHeaders } from './admin-headers.ts';
import { withoutCredentials } from './without-credentials.ts';

export interface BoundedRequest {
  readonly url: string;
  readonly accept: string;
  /** False asks for the body as it is: a profile is compressed already. */
  readonly compressed: boolean;
  /** Of the whole exchange, from connecting to the last byte. */
  readonly timeoutMs: Milliseconds;
  /** Of the body, both on the wire and after decompression. */
  readonly maxBytes: Bytes;
  /** Aborting ends the exchange at once. */
  readonly signal?: AbortSignal;
}

interface Cost {
  readonly durationMs: Milliseconds;
  /** Body on the wire. */
  readonly bytes: Bytes;
}

/** What came of a GET. `failed`: no complete answer, and why, in words that hold no credentials. */
export type BoundedAnswer = Cost &
  (
    | {
        readonly status: 'answered';
        readonly code: number;
        readonly contentType: string | null;
        readonly headers: Readonly<Record<string, string | string[] | undefined>>;
        /** Decompressed. */
        readonly body: Buffer;
      }
    | { readonly status: 'failed'; readonly reason: string }
  );

export interface BoundedHttp {
  /** One GET at a time is what a collector does; more wait for the one connection. Never rejects. */
  get(request: BoundedRequest): Promise<BoundedAnswer>;
  close(): void;
}

/** Why we end an exchange ourselves; its message is the reason that is shown. */
class Refusal extends Error {}

/**
 * GET with a limit on everything, for reading admin endpoints while load runs: one kept-alive connection, no redirects
 * followed, certificates verified, the body cut off at `maxBytes` while it streams, so neither an endless body nor a
 * decompression bomb takes memory. A user and password in a URL become Basic
 * authentication.
 */
export function boundedHttp(world: Pick<World, 'now' | 'environment'>, access: AdminAccess): BoundedHttp {
  const agents = {
    'http:': new PlainAgent({ keepAlive: true, maxSockets: 1 }),
    'https:': new TlsAgent({ keepAlive: true, maxSockets: 1 }),
  };

  async function exchange(
    asked: BoundedRequest,
    meter: Meter,
  ): Promise<Omit<BoundedAnswer & { status: 'answered' }, keyof Cost>> {
    const admin = resolveAdminHeaders(access, world.environment);
    if (admin.status === 'missing') throw new Refusal(admin.reason);
    if (!URL.canParse(asked.url)) throw new Refusal('the URL is not valid');
    const url = new URL(asked.url);
    const { protocol } = url;
    if (protocol !== 'http:' && protocol !== 'https:') throw new Refusal(`${protocol}// is not http:// or https://`);
    const options: RequestOptions = {
      agent: agents[protocol],
      headers: { accept: asked.accept, 'accept-encoding': asked.compressed ? 'gzip' : 'identity', ...admin.headers },
    };
    const response = await send(protocol === 'http:' ? plainRequest : tlsRequest, url, options, meter);
    return {
      status: 'answered',
      code: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? null,
      headers: response.headers,
      body: await boundedBody(response, asked.maxBytes, meter),
    };
  }

  return {
    async get(asked) {
      const startedAt = world.now();
      const meter: Meter = { bytes: 0, stop: new AbortController() };
      const stop = (reason: string) => (): void => meter.stop.abort(new Refusal(reason));
      const timer = setTimeout(stop(`no complete answer within ${asked.timeoutMs} ms`), asked.timeoutMs);
      const cancel = stop('given up since the collector was stopped');
      asked.signal?.addEventListener('abort', cancel);
      if (asked.signal?.aborted === true) cancel();
      const cost = (): Cost => ({ durationMs: between(startedAt, world.now()), bytes: bytes(meter.bytes) });
      try {
        const answer = await exchange(asked, meter);
        return { ...cost(), ...answer };
      } catch (error) {
        // Our own reason for ending it says more than the "aborted" it caused.
        const cause: unknown = meter.stop.signal.aborted ? meter.stop.signal.reason : error;
        const read = meter.bytes > 0 ? ` (after ${meter.bytes} bytes of the body)` : '';
        return { ...cost(), status: 'failed', reason: explain(cause, asked.url) + read };
      } finally {
        clearTimeout(timer);
        asked.signal?.removeEventListener('abort', cancel);
      }
    },
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

interface Meter {
  bytes: number;
  readonly stop: AbortController;
}

/** Resolves with the head of the answer. */
async function send(
  request: typeof plainRequest,
  url: URL,
  options: RequestOptions,
  { stop }: Meter,
): Promise<IncomingMessage> {
  let reused = false;
  const once = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = request(url, { ...options, signal: stop.signal }, resolve);
      sent.on('error', (error) => {
        reused = sent.reusedSocket;
        reject(error);
      });
      sent.end();
    });
  try {
    return await once();
  } catch (error) {
    // The server may close an idle connection at the very moment it is used again; that is no failed reading.
    if (reused && !stop.signal.aborted && ['ECONNRESET', 'EPIPE'].includes(codeOf(error) ?? '')) return await once();
    throw error;
  }
}

async function boundedBody(response: IncomingMessage, maxBytes: Bytes, meter: Meter): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  const wire = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const part of source) {
      meter.bytes += part.byteLength;
      if (meter.bytes > maxBytes) throw new Refusal(`the body is larger than the limit of ${sizeText(maxBytes)}`);
      yield part;
    }
  };
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const part of source) {
      size += part.byteLength;
      if (size > maxBytes) throw new Refusal(`the body decompresses to more than the limit of ${sizeText(maxBytes)}`);
      parts.push(part);
    }
  };
  const encoding = response.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const { signal } = meter.stop;
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip')
      await pipeline(response, wire, createGunzip(), collect, { signal });
    else if (encoding === 'identity') await pipeline(response, wire, collect, { signal });
    else throw new Refusal(`the answer is encoded as ${encoding}, which was not asked for`);
  } finally {
    if (!response.complete) response.destroy();
  }
  return Buffer.concat(parts, size);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function explain(error: unknown, url: string): string {
  if (error instanceof Refusal) return error.message;
  const host = URL.canParse(url) ? new URL(url).host : 'the host';
  const code = codeOf(error) ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused by ${host}: nothing listens there`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name in ${withoutCredentials(url)} can't be resolved (${code})`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${host} closed the connection before the answer was complete`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${host} can't be reached (${code})`;
    case 'Z_DATA_ERROR':
    case 'Z_BUF_ERROR':
      return 'the compressed body is damaged or incomplete';
    default: {
      if (code.startsWith('HPE_')) return `${host} did not answer in HTTP (${code})`;
      // Node's own words hold neither header values nor userinfo; the URL's query may be in none of them.
      return `${host} could not be read: ${messageOf(error)}`;
    }
  }
}
