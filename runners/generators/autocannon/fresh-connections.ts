import type { FailureKind } from '../../../model/measurements.ts';
import { BusyList } from './busy-list.ts';
import type { ConnectionSettings, Connections, RequestEvents } from './connections.ts';
import type { DueRequest } from './due-request.ts';
import { type ConnectionOwner, WireConnection } from './wire-connection.ts';

/**
 * Without keep-alive: each request makes a connection of its own, at most `count` at a time. To connect is then a part
 * of the request: it counts into the response time (not into the service time), and a refused connect fails it.
 */
export class FreshConnections implements Connections, ConnectionOwner {
  /** Nothing is opened without a request, so none waits for it. */
  readonly disconnected = false;
  readonly unreachable = null;
  open = 0;
  connects = 0;
  readonly #settings: ConnectionSettings;
  readonly #events: RequestEvents;
  readonly #busy = new BusyList();
  #closing = false;

  constructor(settings: ConnectionSettings, events: RequestEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  get busy(): number {
    return this.#busy.length;
  }

  give(request: DueRequest): boolean {
    if (this.#busy.length >= this.#settings.count) return false;
    const connection = new WireConnection(this.#settings, this);
    connection.request = request;
    this.#busy.add(connection, performance.now());
    return true;
  }

  expire(now: number): void {
    this.#busy.giveUp(now - this.#settings.timeoutMs, (late) =>
      this.lost(late, late.request, late.wasConnected ? 'timeout' : 'connect-timeout'),
    );
  }

  close(): DueRequest[] {
    this.#closing = true;
    return this.#busy.destroyAll();
  }

  connected(connection: WireConnection): void {
    this.open++;
    this.connects++;
    const { request } = connection;
    if (request !== null && connection.send(request, performance.now())) this.#events.sent(request);
  }

  answered(connection: WireConnection, request: DueRequest): void {
    const now = performance.now();
    connection.destroy();
    this.open--;
    this.#busy.remove(connection);
    this.#events.answered(request, connection.status, connection.body, now);
    this.#events.freed(now);
  }

  lost(connection: WireConnection, request: DueRequest | null, kind: FailureKind): void {
    if (this.#closing) return;
    const now = performance.now();
    if (connection.wasConnected) this.open--;
    this.#busy.remove(connection);
    if (request !== null) this.#events.failed(request, kind, now);
    this.#events.freed(now);
  }
}
