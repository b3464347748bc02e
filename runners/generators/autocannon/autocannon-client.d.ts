/**
 * What this generator uses of autocannon 9.0.0 and of the parser inside it. None of it is documented, so the version is
 * pinned and the self-test checks at every start that it still works this way.
 */
declare module 'autocannon/lib/httpClient.js' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  interface ResponseHead {
    readonly statusCode: number;
    readonly versionMinor: number;
    readonly shouldKeepAlive: boolean;
  }

  interface ResponseParser {
    /** Feeds bytes; gives an Error (autocannon ignores it) where they are not HTTP. */
    execute(chunk: Buffer, start: number, length: number): number | Error;
    /** The connection ended: completes a response without length, gives an Error where one was cut. */
    finish(): Error | undefined;
    /** State that reads a chunk's size; NaN in `body_bytes` where it was none. */
    BODY_CHUNKHEAD(): void;
    body_bytes: number | null;
    readonly connection: string;
    readonly offset: number;
    readonly end: number;
    /** kOnHeadersComplete: 1 = no body follows, 2 = give up. */
    2: (head: ResponseHead) => number | undefined;
    /** kOnMessageComplete */
    4: () => void;
  }

  /** Where autocannon keeps what it knows of requests on their way, their bodies included. */
  interface PendingRequests {
    addBody(data: Buffer): void;
    setHeaders(head: ResponseHead): void;
    terminateRequest(): {
      readonly req: null;
      readonly headers: ResponseHead;
      readonly bytes: number;
      readonly duration: number;
    };
    clear(): void;
  }

  interface ClientOptions {
    readonly protocol: 'http:';
    readonly hostname: string;
    readonly port: number;
    /** Seconds without a request until the client reconnects by itself. */
    readonly timeout: number;
    readonly setupClient: (client: Client) => void;
  }

  class Client extends EventEmitter {
    constructor(options: ClientOptions);
    conn: Socket;
    readonly parser: ResponseParser;
    pipelinedRequests: PendingRequests;
    /** Opens `conn`; the constructor's last act. */
    _connect(): void;
    /** Writes the next request. Called after each response: "I am free". */
    _doRequest(): void;
    destroy(): void;
  }

  export = Client;
}
