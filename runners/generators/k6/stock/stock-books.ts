import { LatencyHistogram } from '../../../../model/latency-histogram.ts';
import type { FailureKind, OutcomeKind, TrafficCell, TrafficCount } from '../../../../model/measurements.ts';
import { between, inSeconds, microsecondsOf } from '../../../../model/units.ts';
import type { EpochMilliseconds } from '../../../../model/units.ts';
import type { K6Sample } from './k6-samples.ts';

interface Place {
  readonly second: number;
  readonly stage: number;
  readonly endpoint: string;
}

interface Entry extends Place {
  due: number;
  sent: number;
}

interface EndEntry extends Place {
  readonly outcome: OutcomeKind;
  readonly failure: FailureKind | null;
  count: number;
  readonly statuses: Map<string, number>;
  readonly serviceTime: LatencyHistogram;
}

/** What became known between two closings. */
export interface ClosedBooks {
  readonly counts: readonly TrafficCount[];
  readonly cells: readonly TrafficCell[];
}

/** A drop has no endpoint: k6 starts no iteration that could name it. */
const unknownEndpoint = '(not built)';

/**
 * The books of a stock k6: each request that began or was dropped is due, and ends once. The second is that of its
 * begin, since k6 keeps no due times; for the same reason there is no response time.
 */
export class StockBooks {
  /** Of the load; null before its first request. */
  startedAt: EpochMilliseconds | null = null;
  connects = 0;
  /** Requests under way, and the most at once since it was last set. */
  inFlight = 0;
  inFlightMax = 0;
  readonly #onlyEndpoint: string | null;
  #counts = new Map<string, Entry>();
  #cells = new Map<string, EndEntry>();
  /** Begun and not ended. */
  readonly #open = new Map<string, { readonly place: Place; count: number }>();
  #early: Extract<K6Sample, { kind: 'dropped' }>[] = [];

  /** @param onlyEndpoint name of all requests; null where they have several */
  constructor(onlyEndpoint: string | null) {
    this.#onlyEndpoint = onlyEndpoint;
  }

  add(sample: K6Sample): void {
    switch (sample.kind) {
      case 'begun':
        this.#begun(sample);
        break;
      case 'ended':
        this.#ended(sample);
        break;
      case 'dropped':
        if (this.startedAt === null) this.#early.push(sample);
        else this.#dropped(sample, this.startedAt);
        break;
      default:
        sample satisfies never;
    }
  }

  close(): ClosedBooks {
    const counts = [...this.#counts.values()];
    const cells = [...this.#cells.values()].map(
      ({ statuses, serviceTime, count, second, stage, endpoint, outcome, failure }) => ({
        second,
        stage,
        endpoint,
        outcome,
        failure,
        count,
        statuses: statuses.size === 0 ? null : Object.fromEntries(statuses),
        responseTime: null,
        serviceTime: serviceTime.count === 0 ? null : serviceTime.encode(),
      }),
    );
    this.#counts = new Map();
    this.#cells = new Map();
    this.inFlightMax = this.inFlight;
    return { counts, cells };
  }

  /** The load is over: what began and said no more is in flight. */
  cutRest(): void {
    for (const { place, count } of this.#open.values()) {
      if (count === 0) continue;
      this.#entry(place).sent += count;
      this.#cell(place, 'in-flight', null).count += count;
    }
    this.#open.clear();
    this.inFlight = 0;
  }

  #begun({ second, stage, endpoint, startedAt }: Extract<K6Sample, { kind: 'begun' }>): void {
    const place = { second: Math.max(0, second), stage, endpoint };
    if (this.startedAt === null) {
      this.startedAt = startedAt;
      for (const dropped of this.#early) this.#dropped(dropped, startedAt);
      this.#early = [];
    }
    this.#entry(place).due++;
    this.#openAt(place).count++;
    this.inFlightMax = Math.max(this.inFlightMax, ++this.inFlight);
  }

  #ended(sample: Extract<K6Sample, { kind: 'ended' }>): void {
    const { second, stage, endpoint, outcome, failure, status, sent, openedConnection, serviceTimeMs } = sample;
    const place = { second: Math.max(0, second), stage, endpoint };
    this.#openAt(place).count--;
    this.inFlight--;
    if (sent) this.#entry(place).sent++;
    if (openedConnection) this.connects++;
    const cell = this.#cell(place, outcome, failure);
    cell.count++;
    if (status !== null) cell.statuses.set(status, (cell.statuses.get(status) ?? 0) + 1);
    if (sent) cell.serviceTime.record(microsecondsOf(serviceTimeMs));
  }

  #dropped({ at, stage, count }: Extract<K6Sample, { kind: 'dropped' }>, startedAt: EpochMilliseconds): void {
    const second = Math.max(0, Math.floor(inSeconds(between(startedAt, at))));
    const place = { second, stage, endpoint: this.#onlyEndpoint ?? unknownEndpoint };
    this.#entry(place).due += count;
    this.#cell(place, 'dropped', null).count += count;
  }

  #entry(place: Place): Entry {
    return known(this.#counts, keyOf(place), () => ({ ...place, due: 0, sent: 0 }));
  }

  #openAt(place: Place): { count: number } {
    return known(this.#open, keyOf(place), () => ({ place, count: 0 }));
  }

  #cell(place: Place, outcome: OutcomeKind, failure: FailureKind | null): EndEntry {
    return known(this.#cells, `${keyOf(place)} ${outcome} ${failure ?? ''}`, () => ({
      ...place,
      outcome,
      failure,
      count: 0,
      statuses: new Map<string, number>(),
      serviceTime: new LatencyHistogram(),
    }));
  }
}

const keyOf = ({ second, stage, endpoint }: Place): string => `${second} ${stage} ${endpoint}`;

function known<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
