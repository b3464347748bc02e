import type { FailureKind } from '../../../model/measurements.ts';
import type { DueRequest } from './due-request.ts';

/** The connections to the workload, as the dispatcher sees them. */
export interface Connections {
  /** Gives the request to a free connection, or to one that is made for it; false where neither may be. */
  give(request: DueRequest): boolean;
  /** `now` as of performance.now(). Lets requests and connects fail that take longer than the request timeout, and tries again to connect. */
  expire(now: number): void;
  /** Requests that a connection has. */
  readonly busy: number;
  readonly open: number;
  /** Connections made so far. */
  readonly connects: number;
  /** No connection is open: whether one can be made is all that waiting requests wait for. */
  readonly disconnected: boolean;
  /** No connection is open and the last try to make one failed; null otherwise. */
  readonly unreachable: FailedTry | null;
  /** Ends all connections; gives the requests they still had. */
  close(): DueRequest[];
}

/** What becomes of a given request. Each is told `answered` or `failed` exactly once. */
export interface RequestEvents {
  /** Its first byte was written. */
  sent(request: DueRequest): void;
  answered(request: DueRequest, status: number, body: Buffer | null, now: number): void;
  failed(request: DueRequest, kind: FailureKind, now: number): void;
  /** A connection may be free again. */
  freed(now: number): void;
}

/** A try to connect that failed. Instants as of performance.now(). */
export interface FailedTry {
  readonly kind: FailureKind;
  readonly beganAt: number;
}

export interface ConnectionSettings {
  readonly hostname: string;
  readonly port: number;
  readonly count: number;
  readonly timeoutMs: number;
}
