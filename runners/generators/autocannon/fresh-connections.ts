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
    const limit = now - this.#settings.timeoutMs;
    for (let late = this.#busy.oldest; late !== null && late.busySince <= limit; late = this.#busy.oldest) {
      const { request } = late;
      late.destroy();
      this.lost(late, request, late.wasConnected ? 'timeout' : 'connect-timeout');
    }
  }

  close(): DueRequest[] {
    this.#closing = true;
    const cut: DueRequest[] = [];
    for (let connection = this.#busy.oldest; connection !== null; connection = connection.newer) {
      if (connection.request !== null) cut.push(connection.request);
      connection.destroy();
    }
    return cut;
  }

  connected(connection: WireConnection): void {
    this.open++;
    this.connects++;
    const { request } = connection;
    if (request === null) return;
    request.written = performance.now();
    if (connection.send(request)) this.#events.sent(request);
    else request.written = Number.NaN;
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
