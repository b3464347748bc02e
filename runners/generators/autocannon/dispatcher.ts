import type { FailureKind } from '../../../model/measurements.ts';
import type { Connections, FailedTry, RequestEvents } from './connections.ts';
import type { DueRequest } from './due-request.ts';
import { judgeResponse } from '../expectation.ts';
import type { Tally } from './tally.ts';
import { WaitingQueue } from './waiting-queue.ts';

/** Told where an ended request may make another one due (closed loop), or a loop may look at its schedule. */
export interface DispatchEvents {
  ended(request: DueRequest, at: number): void;
  freed(now: number): void;
}

/**
 * What happens to due requests: each goes to a free connection, or waits, or is dropped, and ends exactly once in the
 * tally. Keeps due = done + failed + shed + dropped + in flight.
 */
export class Dispatcher implements RequestEvents {
  queueLengthMax = 0;
  inFlightMax = 0;
  waited = 0;
  #sending = true;
  readonly #queue: WaitingQueue;
  readonly #tally: Tally;
  readonly #events: DispatchEvents;
  readonly #timeoutMs: number;
  readonly #connections: Connections;

  constructor(
    settings: { readonly queueLimit: number; readonly timeoutMs: number },
    tally: Tally,
    events: DispatchEvents,
    connect: (events: RequestEvents) => Connections,
  ) {
    this.#queue = new WaitingQueue(settings.queueLimit);
    this.#timeoutMs = settings.timeoutMs;
    this.#tally = tally;
    this.#events = events;
    this.#connections = connect(this);
  }

  handOver(request: DueRequest): void {
    this.#tally.due(request);
    if (this.#queue.length === 0 && this.#connections.give(request)) this.#noteInFlight();
    else if (this.#queue.push(request)) this.queueLengthMax = Math.max(this.queueLengthMax, this.#queue.length);
    else this.#end(request, 'dropped', null, Number.NaN, request.handedOver);
  }

  /** A due request that could not even be built. */
  refuse(request: DueRequest): void {
    this.#tally.due(request);
    this.failed(request, 'request-error', request.handedOver);
  }

  expire(now: number): void {
    this.#connections.expire(now);
    const { unreachable } = this.#connections;
    if (unreachable !== null) this.#failWaiting(unreachable, now);
  }

  /** A try that began after a request was there was a try for it, too: one refusal answers all that waited for it. */
  #failWaiting({ kind, beganAt }: FailedTry, now: number): void {
    const over = (head: DueRequest): boolean => head.handedOver <= beganAt || head.due <= now - this.#timeoutMs;
    for (let head = this.#queue.peek(); head !== undefined && over(head); head = this.#queue.peek()) {
      this.#queue.shift();
      this.failed(head, kind, now);
    }
  }

  /** Requests that may still end without being cut: of those never to be sent, the ones that may yet be refused. */
  get outstanding(): number {
    return this.#connections.busy + (this.#sending || this.#connections.disconnected ? this.#queue.length : 0);
  }

  /** From now on nothing waiting is sent. */
  stopSending(): void {
    this.#sending = false;
  }

  /** The end: what has not ended is in flight, sent or not. */
  cut(): void {
    for (const request of this.#connections.close()) this.#tally.ended(request, 'in-flight', null, Number.NaN);
    for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift())
      this.#tally.ended(request, 'in-flight', null, Number.NaN);
  }

  /** Maxima since the last call. */
  takeMaxima(): { queueLengthMax: number; inFlightMax: number; waited: number } {
    const { queueLengthMax, inFlightMax, waited } = this;
    this.queueLengthMax = this.#queue.length;
    this.inFlightMax = this.#connections.busy;
    this.waited = 0;
    return { queueLengthMax, inFlightMax, waited };
  }

  sent(request: DueRequest): void {
    this.#tally.sent(request);
  }

  answered(request: DueRequest, status: number, body: Buffer | null, now: number): void {
    const { outcome, failure, byStatus } = judgeResponse(request.built.expectation, status, body);
    this.#end(request, outcome, failure, now, now, byStatus ? status : null);
  }

  failed(request: DueRequest, kind: FailureKind, now: number): void {
    this.#end(request, 'failed', kind, now, now);
  }

  freed(now: number): void {
    for (let head = this.#queue.peek(); head !== undefined && this.#sending; head = this.#queue.peek()) {
      if (!this.#connections.give(head)) break;
      this.#queue.shift();
      this.waited++;
      this.#tally.waitedForConnection(now - head.handedOver);
      this.#noteInFlight();
    }
    this.#events.freed(now);
  }

  #noteInFlight(): void {
    const { busy } = this.#connections;
    if (busy > this.inFlightMax) this.inFlightMax = busy;
  }

  #end(
    request: DueRequest,
    outcome: Parameters<Tally['ended']>[1],
    failure: FailureKind | null,
    endedAt: number,
    now: number,
    status: number | null = null,
  ): void {
    this.#tally.ended(request, outcome, failure, endedAt, status);
    this.#events.ended(request, now);
  }
}
