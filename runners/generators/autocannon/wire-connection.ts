import Client from 'autocannon/lib/httpClient.js';
import type { FailureKind } from '../../../model/measurements.ts';
import { kibibytes } from '../../../model/units.ts';
import type { DueRequest } from './due-request.ts';
import { failureKindOf } from './failure-kind.ts';

/** Where to connect; the host name was resolved before. */
export interface WireAddress {
  readonly hostname: string;
  readonly port: number;
}

export interface ConnectionOwner {
  /** The TCP connection stands. */
  connected(connection: WireConnection): void;
  /** A complete response came for `request`; `connection.reusable` says whether the connection may be used again. */
  answered(connection: WireConnection, request: DueRequest): void;
  /** The connection is over; `request` (null where it was idle) failed of it. Called at most once. */
  lost(connection: WireConnection, request: DueRequest | null, kind: FailureKind): void;
}

/** Seconds; autocannon would otherwise reconnect idle connections and call that a timeout. Near setTimeout's limit. */
const neverSeconds = 2_000_000;
/** The body expectation is matched against this much. */
const bodyLimit = kibibytes(1024);

const continueGivingUp = 2;
const noBody = 1;

/**
 * One TCP connection, carried by one autocannon client of the same life: when the connection ends, so does the client
 * (autocannon's own reconnect keeps the parser's half-read state and knows no pause). Of the client are used: opening
 * the socket, writing a request, parsing the response, saying "I am free". Corrected here, because autocannon gets them
 * wrong: interim responses (1xx), HEAD, 304 with a length, responses that end with the connection, malformed ones,
 * bytes nobody asked for, and bodies of any size, which it would keep as one string.
 */
export class WireConnection {
  /** Also true after it ended. */
  wasConnected = false;
  isClosed = false;
  /** Answered requests. */
  served = 0;
  /** Of the last response. */
  status = 0;
  body: Buffer | null = null;
  reusable = true;
  /** In flight, null while idle. */
  request: DueRequest | null = null;
  /** When connecting began, or the request in flight was given to this connection. */
  busySince = 0;
  /** Neighbours in the owner's list of busy connections, oldest first. */
  older: WireConnection | null = null;
  newer: WireConnection | null = null;

  readonly #owner: ConnectionOwner;
  readonly #client: Client;
  readonly #write: () => void;
  #bytes: Buffer | string = '';
  #headComplete = false;
  #interim = false;
  #bodyParts: Buffer[] = [];
  #bodySize = 0;

  constructor(address: WireAddress, owner: ConnectionOwner) {
    this.#owner = owner;
    let write: (() => void) | undefined;
    this.#client = new Client({
      protocol: 'http:',
      hostname: address.hostname,
      port: address.port,
      timeout: neverSeconds,
      setupClient: (client) => {
        // oxlint-disable no-underscore-dangle -- the method's own name
        write = client._doRequest.bind(client);
        client._doRequest = () => this.#free();
        // oxlint-enable no-underscore-dangle
        client.getRequestBuffer = () => this.#bytes;
      },
    });
    if (write === undefined) throw new Error('autocannon did not call setupClient');
    this.#write = write;
    this.#watchSocket();
    this.#correctParser();
  }

  /** Writes the request in flight. False where its first byte could not be written; `lost` follows then. */
  send(request: DueRequest): boolean {
    this.request = request;
    this.#bytes = request.built.bytes;
    this.#headComplete = false;
    this.#bodyParts = [];
    this.#bodySize = 0;
    this.body = null;
    this.#write();
    return this.#client.conn.errored === null;
  }

  /** Ends the connection without a word to the owner. */
  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#client.destroy();
  }

  #watchSocket(): void {
    const socket = this.#client.conn;
    socket.setNoDelay(true);
    socket.once('connect', () => {
      if (this.isClosed) return;
      this.wasConnected = true;
      this.#owner.connected(this);
    });
    this.#client.on('connError', (error: Error) =>
      this.#lose(this.#headComplete ? 'truncated-body' : failureKindOf(error)),
    );
    // Before autocannon's own listener, which would reconnect.
    socket.prependListener('end', () => this.#end());
    socket.once('close', () => this.#lose('connection-closed'));
  }

  #correctParser(): void {
    const { parser, pipelinedRequests } = this.#client;
    const execute = parser.execute.bind(parser);
    const headersComplete = parser[2];
    const messageComplete = parser[4];
    const chunkHead = parser.BODY_CHUNKHEAD.bind(parser);

    parser.execute = (chunk) => {
      if (this.isClosed) return chunk.length;
      // Nobody asked: a server's farewell to an idle connection (408), or nonsense. Either way it is of no more use.
      if (this.request === null) {
        this.#lose('connection-closed');
        return chunk.length;
      }
      const parsed = execute(chunk);
      if (parsed instanceof Error) this.#lose('malformed-response');
      return parsed;
    };
    parser[2] = (head) => {
      if (this.isClosed || this.request === null) return continueGivingUp;
      if (head.statusCode < 200 && head.statusCode !== 101) {
        this.#interim = true;
        return undefined;
      }
      const length = parser.body_bytes;
      if (length !== null && !(length >= 0)) {
        this.#lose('malformed-response');
        return continueGivingUp;
      }
      headersComplete(head);
      this.#headComplete = true;
      this.status = head.statusCode;
      const { isHead } = this.request.built;
      this.reusable =
        head.statusCode !== 101 &&
        (head.shouldKeepAlive || (isHead && head.versionMinor > 0 && !parser.connection.includes('close')));
      return isHead || head.statusCode === 304 || head.statusCode === 204 ? noBody : undefined;
    };
    parser[4] = () => {
      if (this.isClosed) return;
      if (this.#interim) {
        this.#interim = false;
        return;
      }
      if (this.request === null || !this.#headComplete) {
        this.#lose('malformed-response');
        return;
      }
      // More bytes than the response has: whatever they are, they must not answer the next request.
      if (parser.offset < parser.end) this.reusable = false;
      messageComplete();
    };
    parser.BODY_CHUNKHEAD = () => {
      chunkHead();
      if (Number.isNaN(parser.body_bytes)) throw new Error('not the size of a chunk');
    };
    pipelinedRequests.addBody = (data) => this.#keepBody(data);
  }

  #keepBody(data: Buffer): void {
    if (this.request?.built.expectation.body == null || this.#bodySize >= bodyLimit) return;
    this.#bodyParts.push(Buffer.from(data.subarray(0, bodyLimit - this.#bodySize)));
    this.#bodySize += data.length;
  }

  /** autocannon's "I am free": once when the client is made (ignored), then after every response. */
  #free(): void {
    const { request } = this;
    if (request === null || this.isClosed) return;
    this.request = null;
    this.served++;
    if (this.#bodySize > 0) this.body = Buffer.concat(this.#bodyParts);
    this.#owner.answered(this, request);
  }

  /** The other side ended the connection in order. */
  #end(): void {
    if (this.isClosed) return;
    if (this.request === null || !this.#headComplete) {
      this.#lose('connection-closed');
      return;
    }
    // A response without length is complete now; any other one was cut.
    this.reusable = false;
    this.#client.parser.finish();
    this.#lose('truncated-body');
  }

  #lose(kind: FailureKind): void {
    if (this.isClosed) return;
    const { request } = this;
    this.request = null;
    this.destroy();
    this.#owner.lost(this, request, kind);
  }
}
