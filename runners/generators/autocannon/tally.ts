import { LatencyHistogram } from '../../../model/latency-histogram.ts';
import { type FailureKind, type OutcomeKind, failureKinds } from '../../../model/measurements.ts';
import { microsecondsOf, milliseconds } from '../../../model/units.ts';
import type { DueRequest } from './due-request.ts';
import { maxEndpoints } from './endpoint-names.ts';

/** What became known between two closings, still as histogram objects. */
export interface ClosedTally {
  readonly counts: readonly { second: number; stage: number; endpoint: number; due: number; sent: number }[];
  readonly cells: readonly TallyCell[];
  readonly lateness: LatencyHistogram;
  readonly connectionWait: LatencyHistogram;
}

export interface TallyCell {
  readonly second: number;
  readonly stage: number;
  readonly endpoint: number;
  readonly outcome: OutcomeKind;
  readonly failure: FailureKind | null;
  count: number;
  /** Status code → answers; null unless the status decided the outcome. */
  readonly statuses: Map<number, number> | null;
  readonly responseTime: LatencyHistogram | null;
  readonly serviceTime: LatencyHistogram | null;
}

interface Count {
  due: number;
  sent: number;
  readonly stage: number;
  readonly endpoint: number;
}

/** All of one due second. Keys are small whole numbers: they stay cheap in a Map. */
interface SecondBins {
  readonly counts: Map<number, Count>;
  readonly cells: Map<number, TallyCell>;
}

const slotOfOutcome: Readonly<Record<OutcomeKind, number>> = {
  done: 0,
  shed: 1,
  dropped: 2,
  'in-flight': 3,
  failed: 4,
};
const slotOfFailure = new Map<FailureKind | null, number>(failureKinds.map((kind, index) => [kind, index]));
const slots = slotOfOutcome.failed + failureKinds.length;

/** Counts and histograms, additive, keyed by the second of the due time, the stage, the endpoint and the outcome. */
export class Tally {
  #seconds = new Map<number, SecondBins>();
  #lastSecond = -1;
  #lastBins: SecondBins | undefined;
  #lateness: LatencyHistogram;
  #connectionWait: LatencyHistogram;
  readonly #spare: LatencyHistogram[] = [];

  constructor() {
    this.#lateness = this.#histogram();
    this.#connectionWait = this.#histogram();
  }

  due(request: DueRequest): void {
    this.#countOf(request).due++;
    this.#lateness.record(microsecondsOf(milliseconds(request.handedOver - request.due)));
  }

  sent(request: DueRequest): void {
    this.#countOf(request).sent++;
  }

  waitedForConnection(duration: number): void {
    this.#connectionWait.record(microsecondsOf(milliseconds(duration)));
  }

  /**
   * Each due request comes here exactly once. `endedAt` is NaN where it did not end (dropped, in flight); `status` is
   * that of the answer where it decided the outcome, null otherwise.
   */
  ended(
    request: DueRequest,
    outcome: OutcomeKind,
    failure: FailureKind | null,
    endedAt: number,
    status: number | null = null,
  ): void {
    const { second, stage, built, due, written } = request;
    const bins = this.#binsOf(second);
    const slot = slotOfOutcome[outcome] + (outcome === 'failed' ? (slotOfFailure.get(failure) ?? 0) : 0);
    const key = (stage * maxEndpoints + built.endpoint) * slots + slot;
    let cell = bins.cells.get(key);
    if (cell === undefined) {
      const ends = !Number.isNaN(endedAt);
      cell = {
        second,
        stage,
        endpoint: built.endpoint,
        outcome,
        failure,
        count: 0,
        statuses: status === null ? null : new Map(),
        responseTime: ends ? this.#histogram() : null,
        serviceTime: ends ? this.#histogram() : null,
      };
      bins.cells.set(key, cell);
    }
    cell.count++;
    if (status !== null) cell.statuses?.set(status, (cell.statuses.get(status) ?? 0) + 1);
    cell.responseTime?.record(microsecondsOf(milliseconds(endedAt - due)));
    if (written === written) cell.serviceTime?.record(microsecondsOf(milliseconds(endedAt - written)));
  }

  /** Hands out what was gathered and begins anew. Give the histograms back with `recycle`. */
  close(): ClosedTally {
    const counts: ClosedTally['counts'][number][] = [];
    const cells: TallyCell[] = [];
    for (const [second, bins] of this.#seconds) {
      for (const count of bins.counts.values()) counts.push({ second, ...count });
      cells.push(...bins.cells.values());
    }
    const closed = { counts, cells, lateness: this.#lateness, connectionWait: this.#connectionWait };
    this.#seconds = new Map();
    this.#lastSecond = -1;
    this.#lastBins = undefined;
    this.#lateness = this.#histogram();
    this.#connectionWait = this.#histogram();
    return closed;
  }

  /** A histogram is 90 kB: the same few objects serve the whole run. */
  recycle(histogram: LatencyHistogram): void {
    histogram.reset();
    this.#spare.push(histogram);
  }

  #histogram(): LatencyHistogram {
    return this.#spare.pop() ?? new LatencyHistogram();
  }

  #binsOf(second: number): SecondBins {
    if (second === this.#lastSecond && this.#lastBins !== undefined) return this.#lastBins;
    let bins = this.#seconds.get(second);
    if (bins === undefined) {
      bins = { counts: new Map(), cells: new Map() };
      this.#seconds.set(second, bins);
    }
    this.#lastSecond = second;
    this.#lastBins = bins;
    return bins;
  }

  #countOf(request: DueRequest): Count {
    const { counts } = this.#binsOf(request.second);
    const key = request.stage * maxEndpoints + request.built.endpoint;
    let count = counts.get(key);
    if (count === undefined) {
      count = { due: 0, sent: 0, stage: request.stage, endpoint: request.built.endpoint };
      counts.set(key, count);
    }
    return count;
  }
}
