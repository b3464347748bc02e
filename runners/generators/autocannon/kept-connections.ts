import type { FailureKind } from '../../../model/measurements.ts';
import { BusyList } from './busy-list.ts';
import type { ConnectionSettings, Connections, RequestEvents } from './connections.ts';
import type { DueRequest } from './due-request.ts';
import { type ConnectionOwner, WireConnection } from './wire-connection.ts';

/** Connects at once; a listener's queue of unaccepted connections is short. */
const connectsAtOnce = 64;
/** Pause after a failed connect: doubles from the first to the last, then one try at a time. */
const firstPauseMs = 10;
const lastPauseMs = 200;

/**
 * Keep-alive: a fixed number of connections, opened before the load, each with one request at a time, the most recently
 * idle one first (spares stay spare). One that ends is replaced.
 */
export class KeptConnections implements Connections, ConnectionOwner {
  open = 0;
  connects = 0;
  readonly #settings: ConnectionSettings;
  readonly #events: RequestEvents;
  readonly #idle: WireConnection[] = [];
  readonly #busy = new BusyList();
  readonly #connecting = new BusyList();
  /** Connections that should be there but are neither open nor connecting. */
  #missing: number;
  #failures = 0;
  #lastFailure: FailureKind | null = null;
  #retryAt = Number.NEGATIVE_INFINITY;
  #closing = false;
  #opened: ((failure: FailureKind | null) => void) | null = null;

  constructor(settings: ConnectionSettings, events: RequestEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#missing = settings.count;
  }

  get busy(): number {
    return this.#busy.length;
  }

  get unreachable(): FailureKind | null {
    return this.open === 0 ? this.#lastFailure : null;
  }

  /** Resolves with null when all are open, or with why one could not be. Needs `expire` to be called. */
  async openAll(): Promise<FailureKind | null> {
    return await new Promise((resolve) => {
      this.#opened = resolve;
      this.#connectMissing();
    });
  }

  give(request: DueRequest): boolean {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return false;
      if (connection.isClosed) continue;
      const now = performance.now();
      this.#busy.add(connection, now);
      request.written = now;
      if (connection.send(request)) this.#events.sent(request);
      else request.written = Number.NaN;
      return true;
    }
  }

  expire(now: number): void {
    const limit = now - this.#settings.timeoutMs;
    for (let late = this.#busy.oldest; late !== null && late.busySince <= limit; late = this.#busy.oldest) {
      const { request } = late;
      late.destroy();
      this.lost(late, request, 'timeout');
    }
    for (let late = this.#connecting.oldest; late !== null && late.busySince <= limit; late = this.#connecting.oldest) {
      late.destroy();
      this.lost(late, null, 'connect-timeout');
    }
    if (this.#missing > 0) this.#connectMissing();
  }

  close(): DueRequest[] {
    this.#closing = true;
    const cut: DueRequest[] = [];
    for (let connection = this.#busy.oldest; connection !== null; connection = connection.newer) {
      if (connection.request !== null) cut.push(connection.request);
      connection.destroy();
    }
    for (let connection = this.#connecting.oldest; connection !== null; connection = connection.newer)
      connection.destroy();
    for (const connection of this.#idle) connection.destroy();
    return cut;
  }

  connected(connection: WireConnection): void {
    this.#connecting.remove(connection);
    this.open++;
    this.connects++;
    this.#failures = 0;
    this.#lastFailure = null;
    this.#retryAt = Number.NEGATIVE_INFINITY;
    this.#idle.push(connection);
    this.#connectMissing();
    if (this.open === this.#settings.count) this.#opened?.(null);
    this.#events.freed(performance.now());
  }

  answered(connection: WireConnection, request: DueRequest): void {
    const now = performance.now();
    const { status, body } = connection;
    this.#busy.remove(connection);
    if (connection.reusable) this.#idle.push(connection);
    else {
      connection.destroy();
      this.open--;
      this.#missing++;
      this.#connectMissing();
    }
    this.#events.answered(request, status, body, now);
    this.#events.freed(now);
  }

  lost(connection: WireConnection, request: DueRequest | null, kind: FailureKind): void {
    if (this.#closing) return;
    const now = performance.now();
    this.#missing++;
    if (request !== null) this.#busy.remove(connection);
    if (connection.wasConnected) this.open--;
    else this.#connecting.remove(connection);
    // Ended before it was of any use: as bad as not connected, and no reason to hammer on the listener.
    if (!connection.wasConnected) this.#pause(kind, Math.min(lastPauseMs, firstPauseMs * 2 ** this.#failures), now);
    else if (request === null && connection.served === 0) this.#pause(kind, lastPauseMs, now);
    else this.#connectMissing();
    if (request !== null) this.#events.failed(request, kind, now);
  }

  #pause(kind: FailureKind, pauseMs: number, now: number): void {
    this.#lastFailure = kind;
    this.#opened?.(kind);
    if (now < this.#retryAt) return;
    this.#failures++;
    this.#retryAt = now + pauseMs;
  }

  #connectMissing(): void {
    const now = performance.now();
    if (now < this.#retryAt) return;
    const atOnce = this.#failures > 0 ? 1 : connectsAtOnce;
    while (!this.#closing && this.#missing > 0 && this.#connecting.length < atOnce) {
      this.#missing--;
      this.#connecting.add(new WireConnection(this.#settings, this), now);
    }
  }
}
