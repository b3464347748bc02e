import { connect } from 'node:net';
import Client from 'autocannon/lib/httpClient.js';
import type { FailureKind } from '../../../model/measurements.ts';
import { kibibytes, mebibytes } from '../../../model/units.ts';
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
const bodyLimit = mebibytes(1);
/** All connections read into this one: what is read is parsed at once, and only bodies that are wanted are copied. */
const readBuffer = Buffer.allocUnsafe(kibibytes(64));

const giveUp = 2;
const noBody = 1;

/**
 * One TCP connection, carried by one autocannon client of the same life: when the connection ends, so does the client
 * (autocannon's own reconnect keeps the parser's half-read state and knows no pause). The client takes bytes in, parses
 * the response and says "I am free" by `_doRequest`, which is ours. Also ours, by the same door (`setupClient`):
 * - the socket: autocannon's allocates 64 kB for every read;
 * - the book of pending requests: autocannon's keeps a body of any size as one string.
 * And corrected in the parser, where autocannon is wrong: interim responses (1xx), HEAD, 304 with a length, responses
 * that end with the connection, malformed ones, bytes nobody asked for.
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
  #headComplete = false;
  #interim = false;
  #bodyParts: Buffer[] = [];
  #bodySize = 0;

  constructor(address: WireAddress, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#client = new Client({
      protocol: 'http:',
      hostname: address.hostname,
      port: address.port,
      timeout: neverSeconds,
      setupClient: (client) => this.#setUp(client, address),
    });
    this.#correctParser();
  }

  /** Writes the request. False where its first byte could not be written; `lost` follows then. */
  send(request: DueRequest, now: number): boolean {
    this.request = request;
    request.written = now;
    this.#headComplete = false;
    this.body = null;
    if (this.#bodySize > 0) this.#forgetBody();
    const socket = this.#client.conn;
    socket.write(request.built.bytes);
    if (socket.errored === null) return true;
    request.written = Number.NaN;
    return false;
  }

  /** Ends the connection without a word to the owner. */
  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#client.destroy();
  }

  /* oxlint-disable no-underscore-dangle -- the names of autocannon's methods */
  #setUp(client: Client, address: WireAddress): void {
    client._connect = () => {
      client.conn = this.#openSocket(address);
    };
    client._doRequest = () => this.#free();
    let head: Parameters<typeof client.pipelinedRequests.setHeaders>[0];
    client.pipelinedRequests = {
      setHeaders: (responseHead) => (head = responseHead),
      addBody: (data) => this.#keepBody(data),
      terminateRequest: () => ({ req: null, headers: head, bytes: 0, duration: 0 }),
      clear: () => this.#forgetBody(),
    };
  }
  /* oxlint-enable no-underscore-dangle */

  #openSocket(address: WireAddress): Client['conn'] {
    const socket = connect({
      host: address.hostname,
      port: address.port,
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length) => this.#read(length) },
    });
    socket.once('connect', () => {
      if (this.isClosed) return;
      this.wasConnected = true;
      this.#owner.connected(this);
    });
    socket.once('error', (error) => this.#lose(this.#headComplete ? 'truncated-body' : failureKindOf(error)));
    socket.once('end', () => this.#end());
    socket.once('close', () => this.#lose('connection-closed'));
    return socket;
  }

  /** Always true: go on reading. */
  #read(length: number): boolean {
    if (this.isClosed) return true;
    // Nobody asked: a server's farewell to an idle connection (408), or nonsense. Either way it is of no more use.
    if (this.request === null) this.#lose('connection-closed');
    else if (this.#client.parser.execute(readBuffer, 0, length) instanceof Error) this.#lose('malformed-response');
    return true;
  }

  #correctParser(): void {
    const { parser } = this.#client;
    const headersComplete = parser[2];
    const messageComplete = parser[4];
    const chunkHead = parser.BODY_CHUNKHEAD.bind(parser);
    parser[2] = (head) => {
      if (this.isClosed || this.request === null) return giveUp;
      if (head.statusCode < 200 && head.statusCode !== 101) {
        this.#interim = true;
        return undefined;
      }
      const length = parser.body_bytes;
      if (length !== null && !(length >= 0)) {
        this.#lose('malformed-response');
        return giveUp;
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
  }

  #keepBody(data: Buffer): void {
    if (this.request?.built.expectation.body == null || this.#bodySize >= bodyLimit) return;
    this.#bodyParts.push(Buffer.from(data.subarray(0, bodyLimit - this.#bodySize)));
    this.#bodySize += data.length;
  }

  #forgetBody(): void {
    this.#bodyParts = [];
    this.#bodySize = 0;
  }

  /** autocannon's "I am free", after every response. */
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
