import type { FailureKind } from '../../../model/measurements.ts';
import { BusyList } from './busy-list.ts';
import type { ConnectionSettings, Connections, FailedTry, RequestEvents } from './connections.ts';
import type { DueRequest } from './due-request.ts';
import { type ConnectionOwner, WireConnection } from './wire-connection.ts';

/** Connects at once; a listener's queue of unaccepted connections is short. */
const connectsAtOnce = 64;
/** Pause after a failed connect: doubles from the first to the last, then one try at a time. */
const firstPauseMs = 10;
const lastPauseMs = 200;
/** A listener that ends connections sooner than this after they were begun, unused, does not want them. */
const shortestLifeMs = 1000;

/**
 * Keep-alive: a fixed number of connections, opened before the load, each with one request at a time. First those never
 * used, since servers close these soonest, then the most recently idle one (spares stay spare). One that ends at work is
 * replaced at once. One that the server closes while it is idle is made anew for a request that finds none: connections
 * that come and go unused would be load of their own.
 */
export class KeptConnections implements Connections, ConnectionOwner {
  open = 0;
  connects = 0;
  readonly #settings: ConnectionSettings;
  readonly #events: RequestEvents;
  readonly #unused: WireConnection[] = [];
  readonly #idle: WireConnection[] = [];
  readonly #busy = new BusyList();
  readonly #connecting = new BusyList();
  /** Connections that should be there but are neither open nor connecting. */
  #missing: number;
  /** Those the server closed while they were idle. */
  #dismissed = 0;
  #failures = 0;
  #lastFailure: FailedTry | null = null;
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

  get disconnected(): boolean {
    return this.open === 0;
  }

  get unreachable(): FailedTry | null {
    return this.disconnected ? this.#lastFailure : null;
  }

  /** Resolves with null when all are open, or with why one could not be. Needs `expire` to be called. */
  async openAll(): Promise<FailureKind | null> {
    return await new Promise((resolve) => {
      this.#opened = resolve;
      this.#connectMissing();
    });
  }

  give(request: DueRequest): boolean {
    const connection = this.#unused.pop() ?? this.#idle.pop() ?? this.#recalled();
    if (connection === null) return false;
    this.#busy.add(connection, performance.now());
    if (connection.wasConnected) this.#send(connection, request);
    else connection.request = request;
    return true;
  }

  /** Makes those anew that the server closed while they were idle, without waiting until they are wanted. */
  recallAll(): void {
    this.#missing += this.#dismissed;
    this.#dismissed = 0;
    this.#connectMissing();
  }

  expire(now: number): void {
    const limit = now - this.#settings.timeoutMs;
    this.#busy.giveUp(limit, (late) =>
      this.lost(late, late.request, late.wasConnected ? 'timeout' : 'connect-timeout'),
    );
    this.#connecting.giveUp(limit, (late) => this.lost(late, null, 'connect-timeout'));
    if (this.#missing > 0) this.#connectMissing();
  }

  close(): DueRequest[] {
    this.#closing = true;
    this.#connecting.destroyAll();
    for (const connection of [...this.#unused, ...this.#idle]) connection.destroy();
    return this.#busy.destroyAll();
  }

  connected(connection: WireConnection): void {
    const { request } = connection;
    this.open++;
    this.connects++;
    this.#failures = 0;
    this.#lastFailure = null;
    this.#retryAt = Number.NEGATIVE_INFINITY;
    this.#connectMissing();
    if (request !== null) {
      this.#send(connection, request);
      return;
    }
    this.#connecting.remove(connection);
    this.#unused.push(connection);
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
    if (!connection.wasConnected) this.#notMade(connection, request, kind);
    else if (request === null) this.#lostIdle(connection, kind);
    else this.#lostBusy(connection, request, kind);
  }

  #send(connection: WireConnection, request: DueRequest): void {
    if (connection.send(request, performance.now())) this.#events.sent(request);
  }

  /** One of those that were closed while they were idle, to be made anew; none while tries to connect fail. */
  #recalled(): WireConnection | null {
    if (this.#dismissed === 0 || this.#failures > 0) return null;
    this.#dismissed--;
    return new WireConnection(this.#settings, this);
  }

  #notMade(connection: WireConnection, request: DueRequest | null, kind: FailureKind): void {
    (request === null ? this.#connecting : this.#busy).remove(connection);
    this.#missing++;
    this.#pause(kind, connection, Math.min(lastPauseMs, firstPauseMs * 2 ** this.#failures));
    if (request !== null) this.#events.failed(request, kind, performance.now());
  }

  #lostIdle(connection: WireConnection, kind: FailureKind): void {
    this.open--;
    const list = connection.served > 0 ? this.#idle : this.#unused;
    list.splice(list.indexOf(connection), 1);
    if (connection.served > 0 || performance.now() - connection.busySince >= shortestLifeMs) {
      this.#dismissed++;
      return;
    }
    // As bad as not connected, and no reason to hammer on the listener.
    this.#missing++;
    this.#pause(kind, connection, lastPauseMs);
  }

  #lostBusy(connection: WireConnection, request: DueRequest, kind: FailureKind): void {
    this.open--;
    this.#busy.remove(connection);
    this.#missing++;
    this.#connectMissing();
    this.#events.failed(request, kind, performance.now());
  }

  #pause(kind: FailureKind, { busySince }: WireConnection, pauseMs: number): void {
    const now = performance.now();
    this.#lastFailure = { kind, beganAt: busySince };
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
