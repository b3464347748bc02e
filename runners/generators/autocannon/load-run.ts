import type { LoadProfile } from '../../../model/load-profile.ts';
import { messageOf } from '../../../model/message-of.ts';
import { type Bytes, type Milliseconds, inSeconds, milliseconds, seconds } from '../../../model/units.ts';
import { stageStarts } from '../../../scenarios/load-schedule.ts';
import { type WakeUps, wakeUpsFor } from './wake-ups.ts';
import { type Arrivals, arrivalsOf } from './arrivals.ts';
import type { BuildRequest, BuiltRequest } from './build-request.ts';
import type { Connections, RequestEvents } from './connections.ts';
import { type DispatchEvents, Dispatcher } from './dispatcher.ts';
import { DueRequest } from './due-request.ts';
import { type ClosedTally, Tally } from './tally.ts';
import { Vitals } from './vitals.ts';

export interface LoadRunSettings {
  readonly profile: LoadProfile;
  readonly seed: number;
  readonly queueLimit: number;
  readonly timeoutMs: number;
  readonly graceMs: number;
}

/** One closed second (or the part of it that belongs to a stage), still as objects. */
export interface ClosedSecond {
  readonly second: number;
  readonly stage: number;
  readonly tally: ClosedTally;
  readonly health: {
    readonly cpuMs: Milliseconds;
    readonly stallMaxMs: Milliseconds;
    readonly rssBytes: Bytes;
    readonly queueLengthMax: number;
    readonly inFlightMax: number;
    readonly waited: number;
    readonly connectionsOpen: number;
    readonly connectsTotal: number;
  };
}

export interface LoadRunEvents {
  second(closed: ClosedSecond): void;
  /** The load is over, every due request is in the tally. */
  finished(reason: 'completed' | 'stopped'): void;
}

/** Looks at timeouts and at its own stalls at least this often. */
const heartbeatMs = 10;

/**
 * The schedule loop: wakes when something is due, hands over everything that is due by then, closes seconds and stages
 * in between, so that what is due before an edge is counted before it.
 */
export class LoadRun implements DispatchEvents {
  readonly tally = new Tally();
  readonly #settings: LoadRunSettings;
  readonly #build: BuildRequest;
  readonly #unbuilt: BuiltRequest;
  readonly #events: LoadRunEvents;
  readonly #vitals = new Vitals();
  readonly #connections: Connections;
  readonly #dispatcher: Dispatcher;
  readonly #arrivals: Arrivals;
  readonly #starts: readonly number[];
  readonly #end: number;
  readonly #wakeUps: WakeUps;
  /** Start of the load, as of performance.now(). All other instants here count from it. */
  #origin = 0;
  #stage = 0;
  #second = 0;
  /** The next end of a second or stage. */
  #edge = 0;
  #iteration = 0;
  #wakeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stoppedAt = Number.POSITIVE_INFINITY;
  #running = false;

  /**
   * @param unbuilt stands for a request that `build` could not make (it threw)
   */
  constructor(
    settings: LoadRunSettings,
    build: BuildRequest,
    unbuilt: BuiltRequest,
    connect: (events: RequestEvents) => Connections,
    events: LoadRunEvents,
  ) {
    this.#settings = settings;
    this.#build = build;
    this.#unbuilt = unbuilt;
    this.#events = events;
    this.#starts = stageStarts(settings.profile);
    this.#end = this.#starts.at(-1) ?? 0;
    this.#arrivals = arrivalsOf(settings.profile, settings.seed);
    this.#wakeUps = wakeUpsFor(settings.profile);
    let connections: Connections | undefined;
    this.#dispatcher = new Dispatcher(settings, this.tally, this, (requestEvents) => {
      connections = connect(requestEvents);
      return connections;
    });
    if (connections === undefined) throw new Error('no connections');
    this.#connections = connections;
  }

  /** @returns the start of the load, as of performance.now() */
  begin(): number {
    this.#vitals.take();
    this.#origin = performance.now();
    this.#running = true;
    while (this.#stage + 1 < this.#starts.length - 1 && this.#starts[this.#stage + 1] === 0) this.#stage++;
    this.#arrivals.enter(this.#stage, 0);
    this.#edge = this.#nextEdge();
    this.#tick();
    return this.#origin;
  }

  /** No new requests; those sent may be answered within the grace period, none where `graceMs` is 0. */
  stop(graceMs: number = this.#settings.graceMs): void {
    if (!this.#running) return;
    const now = this.#clock();
    if (this.#stoppedAt === Number.POSITIVE_INFINITY) {
      this.#drain(now);
      this.#stoppedAt = Math.min(now, this.#end);
      this.#dispatcher.stopSending();
    }
    if (graceMs === 0) this.#finish();
  }

  ended(request: DueRequest, at: number): void {
    this.#arrivals.ended(request.user, at - this.#origin);
  }

  freed(now: number): void {
    if (!this.#running || !this.#wakeUps.onFreeConnection) return;
    const elapsed = now - this.#origin;
    if (this.#arrivals.nextAt <= elapsed) this.#drain(elapsed);
  }

  readonly #tick = (): void => {
    const now = this.#clock();
    this.#vitals.woke(this.#wakeAt, now);
    this.#drain(now);
    this.#dispatcher.expire(this.#origin + now);
    const over = Math.min(this.#end, this.#stoppedAt);
    if (now >= over && (this.#dispatcher.outstanding === 0 || now >= over + this.#settings.graceMs)) {
      this.#finish();
      return;
    }
    const next = Math.min(this.#arrivals.nextAt, this.#edge, now + heartbeatMs);
    const delay = Math.max(this.#wakeUps.shortestMs, next - this.#clock());
    this.#wakeAt = this.#clock() + delay;
    this.#timer = setTimeout(this.#tick, delay);
  };

  #clock(): number {
    return performance.now() - this.#origin;
  }

  /** Everything that is due by `now`, and the edges in between, in order. */
  #drain(now: number): void {
    for (;;) {
      const due = this.#stoppedAt === Number.POSITIVE_INFINITY ? this.#arrivals.nextAt : Number.POSITIVE_INFINITY;
      if (this.#edge <= due && this.#edge <= now) this.#passEdge();
      else if (due <= now) this.#handOver(due);
      else return;
    }
  }

  #handOver(due: number): void {
    const { nextStage, nextUser } = this.#arrivals;
    this.#arrivals.advance();
    const second = Math.floor(inSeconds(milliseconds(due)));
    let built: BuiltRequest | null = null;
    try {
      built = this.#build(this.#iteration++, nextStage);
    } catch (error) {
      this.#complainOnce(error);
    }
    const request = new DueRequest(
      this.#origin + due,
      second,
      nextStage,
      built ?? this.#unbuilt,
      nextUser,
      performance.now(),
    );
    if (built === null) this.#dispatcher.refuse(request);
    else this.#dispatcher.handOver(request);
  }

  #complained = false;
  #complainOnce(error: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    process.stderr.write(`a request could not be made: ${messageOf(error)}\n`);
  }

  #passEdge(): void {
    const at = this.#edge;
    this.#close();
    if (at >= seconds(this.#second + 1)) this.#second++;
    while (this.#stage + 1 < this.#starts.length - 1 && (this.#starts[this.#stage + 1] ?? Infinity) <= at) {
      this.#stage++;
      this.#arrivals.enter(this.#stage, at);
    }
    this.#edge = this.#nextEdge();
  }

  #nextEdge(): number {
    const nextStage =
      this.#stage + 1 < this.#starts.length - 1 ? (this.#starts[this.#stage + 1] ?? Infinity) : Infinity;
    return Math.min(seconds(this.#second + 1), nextStage);
  }

  #close(): void {
    this.#events.second({
      second: this.#second,
      stage: this.#stage,
      tally: this.tally.close(),
      health: {
        ...this.#vitals.take(),
        ...this.#dispatcher.takeMaxima(),
        connectionsOpen: this.#connections.open,
        connectsTotal: this.#connections.connects,
      },
    });
  }

  #finish(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#dispatcher.cut();
    this.#close();
    this.#events.finished(this.#stoppedAt < this.#end ? 'stopped' : 'completed');
  }
}
