import type { Stage } from '../../model/load-profile.ts';
import { LatencyHistogram } from '../../model/latency-histogram.ts';
import {
  type FailureKind,
  type GeneratorHealth,
  type StatusCounts,
  type StepKind,
  type TrafficCell,
  type TrafficMeasurement,
  stepKinds,
} from '../../model/measurements.ts';
import type { Plan, SteadyWindow } from '../../model/plan.ts';
import { type Milliseconds, milliseconds, seconds } from '../../model/units.ts';
import { type ValueCounts, mergeValueCounts, noValues, valueCountsOf } from './value-counts.ts';

/** Counts of requests by how they ended; due = done + failed + shed + dropped + inFlight. */
export interface Books {
  readonly due: number;
  readonly sent: number;
  readonly done: number;
  readonly failed: number;
  readonly shed: number;
  readonly dropped: number;
  readonly inFlight: number;
}

/** Requests due in one second (of the load's clock), with the times of those done. */
export interface SecondTraffic {
  readonly second: number;
  readonly books: Books;
  /** Of the failed, those that had a complete answer which was not as expected. */
  readonly unexpected: number;
  /** µs from the due time. */
  readonly response: ValueCounts;
  /** µs from the first byte written; decoded inside the steady window only, empty elsewhere. */
  readonly service: ValueCounts;
}

export interface EndpointTraffic {
  readonly name: string;
  readonly books: Books;
  /** Of the answers whose status was not accepted (shed, unexpected-status), by code; null where it was not recorded. */
  readonly statuses: StatusCounts | null;
  /** Seconds that had traffic, rising. */
  readonly seconds: readonly SecondTraffic[];
  /** Of `seconds`, those that lie wholly inside the steady window. */
  readonly steady: readonly SecondTraffic[];
}

/**
 * A step of the iterations of a k6 script. It is due when the script comes to it, so its `due` counts those that began,
 * and its `response` is its service time. An iteration's books do not hold it.
 */
export interface StepTraffic extends EndpointTraffic {
  readonly kind: StepKind;
}

export interface HealthSecond {
  readonly health: GeneratorHealth;
  readonly lateness: ValueCounts;
}

export interface StageTraffic {
  readonly index: number;
  readonly stage: Stage;
  /** Offset of its start from that of the load. */
  readonly startMs: Milliseconds;
  readonly window: SteadyWindow;
  /** All endpoints together; named ''. */
  readonly all: EndpointTraffic;
  readonly endpoints: readonly EndpointTraffic[];
  readonly steps: readonly StepTraffic[];
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** What the generator said of this stage's seconds of its clock. */
  readonly health: readonly HealthSecond[];
  /** Of `health`, the seconds that lie wholly inside the steady window. */
  readonly steadyHealth: readonly HealthSecond[];
}

export interface DecodedTraffic {
  readonly measurement: TrafficMeasurement;
  readonly stages: readonly StageTraffic[];
  /** Histograms that could not be read; their counts are in the books all the same. */
  readonly unreadable: number;
  /** Done requests whose response time is in no histogram. */
  readonly untimed: number;
}

const noBooks: Books = { due: 0, sent: 0, done: 0, failed: 0, shed: 0, dropped: 0, inFlight: 0 };

/**
 * Sorts the generator's lines by stage, endpoint and second, and decodes each histogram once. What is kept per second
 * are the filled buckets only, so that ten minutes of five endpoints are a few megabytes.
 */
export function decodeTraffic(measurement: TrafficMeasurement, plan: Plan): DecodedTraffic {
  const histograms = new HistogramReader();
  const groups = groupByKey(measurement);
  const groupsOfSteps = stepKinds.map((kind) => [kind, groupByKey(stepsAsTraffic(measurement, kind))] as const);
  let untimed = 0;
  let startMs = milliseconds(0);
  const stages = plan.loadProfile.stages.map((stage, index): StageTraffic => {
    const window = plan.steadyWindows[index] ?? { fromMs: startMs, toMs: milliseconds(startMs + stage.durationMs) };
    const inside = (second: number): boolean => seconds(second) >= window.fromMs && seconds(second + 1) <= window.toMs;
    const grouped = groups.get(index) ?? new Map<string, Map<number, Group>>();
    const tell = ([name, bySecond]: readonly [string, Map<number, Group>], timed: 'due' | 'step'): EndpointTraffic => {
      const list = [...bySecond]
        .toSorted(([left], [right]) => left - right)
        .map(([second, group]) => {
          const response = histograms.read(group.done.map((cell) => cell.responseTime));
          if (timed === 'due') untimed += Math.max(0, group.books.done - response.total);
          const service = inside(second) ? histograms.read(group.done.map((cell) => cell.serviceTime)) : noValues;
          return { second, books: group.books, unexpected: unexpectedIn(group), response, service };
        });
      const refused = [...bySecond.values()].flatMap((group) => group.refused);
      return endpointOf(name, list, inside, addStatuses(refused.map(({ statuses }) => statuses)));
    };
    const endpoints = [...grouped].map((named) => tell(named, 'due'));
    const steps = groupsOfSteps.flatMap(([kind, byStage]) =>
      [...(byStage.get(index) ?? [])].map((named) => ({ kind, ...tell(named, 'step') })),
    );
    const failures: Partial<Record<FailureKind, number>> = {};
    for (const bySecond of grouped.values()) {
      for (const { failed } of bySecond.values()) {
        for (const { failure, count } of failed)
          if (failure !== null) failures[failure] = (failures[failure] ?? 0) + count;
      }
    }
    const health = measurement.health
      .filter((line) => line.stage === index)
      .map((line) => ({ health: line, lateness: histograms.read([line.lateness]) }));
    const steadyHealth = health.filter(({ health: line }) => inside(line.second));
    const all = together(endpoints, inside);
    const decoded = { index, stage, startMs, window, all, endpoints, steps, failures, health, steadyHealth };
    startMs = milliseconds(startMs + stage.durationMs);
    return decoded;
  });
  return { measurement, stages, unreadable: histograms.unreadable, untimed };
}

interface Group {
  books: Books;
  readonly done: TrafficCell[];
  readonly failed: TrafficCell[];
  /** Cells of answers whose status was not accepted. */
  readonly refused: TrafficCell[];
}

/** Steps of a kind as if each was an endpoint. */
function stepsAsTraffic({ steps }: TrafficMeasurement, kind: StepKind): Pick<TrafficMeasurement, 'counts' | 'cells'> {
  const own = steps.filter((step) => step.kind === kind);
  return {
    counts: own.map(({ second, stage, name, count }) => ({ second, stage, endpoint: name, due: count, sent: count })),
    cells: own.map(({ name, ...cell }) => ({ ...cell, endpoint: name, responseTime: cell.serviceTime })),
  };
}

/** Stage → endpoint → second. */
function groupByKey(
  measurement: Pick<TrafficMeasurement, 'counts' | 'cells'>,
): Map<number, Map<string, Map<number, Group>>> {
  const stages = new Map<number, Map<string, Map<number, Group>>>();
  const groupOf = (stage: number, endpoint: string, second: number): Group => {
    const endpoints = entry(stages, stage, () => new Map<string, Map<number, Group>>());
    const bySecond = entry(endpoints, endpoint, () => new Map<number, Group>());
    return entry(bySecond, second, () => ({ books: noBooks, done: [], failed: [], refused: [] }));
  };
  for (const { stage, endpoint, second, due, sent } of measurement.counts) {
    const group = groupOf(stage, endpoint, second);
    group.books = addBooks(group.books, { ...noBooks, due, sent });
  }
  for (const cell of measurement.cells) {
    const group = groupOf(cell.stage, cell.endpoint, cell.second);
    group.books = addBooks(group.books, { ...noBooks, [bookOf(cell)]: cell.count });
    if (cell.outcome === 'done') group.done.push(cell);
    if (cell.outcome === 'failed') group.failed.push(cell);
    if (cell.outcome === 'shed' || cell.failure === 'unexpected-status') group.refused.push(cell);
  }
  return stages;
}

function unexpectedIn({ failed }: Group): number {
  return failed
    .filter(({ failure }) => failure === 'unexpected-status' || failure === 'unexpected-body')
    .reduce((sum, { count }) => sum + count, 0);
}

function bookOf(cell: TrafficCell): keyof Books {
  return cell.outcome === 'in-flight' ? 'inFlight' : cell.outcome;
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export function addBooks(left: Books, right: Books): Books {
  return {
    due: left.due + right.due,
    sent: left.sent + right.sent,
    done: left.done + right.done,
    failed: left.failed + right.failed,
    shed: left.shed + right.shed,
    dropped: left.dropped + right.dropped,
    inFlight: left.inFlight + right.inFlight,
  };
}

export function sumBooks(list: readonly { readonly books: Books }[]): Books {
  return list.reduce((sum, { books }) => addBooks(sum, books), noBooks);
}

function endpointOf(
  name: string,
  list: readonly SecondTraffic[],
  inside: (second: number) => boolean,
  statuses: StatusCounts | null,
): EndpointTraffic {
  const steady = list.filter(({ second }) => inside(second));
  return { name, books: sumBooks(list), statuses, seconds: list, steady };
}

/** Null where one of them is not known: a part would pass for the whole. */
function addStatuses(list: readonly (StatusCounts | null)[]): StatusCounts | null {
  const sum: Record<string, number> = {};
  for (const statuses of list) {
    if (statuses === null) return null;
    for (const [status, count] of Object.entries(statuses)) sum[status] = (sum[status] ?? 0) + count;
  }
  return sum;
}

function together(endpoints: readonly EndpointTraffic[], inside: (second: number) => boolean): EndpointTraffic {
  const bySecond = new Map<number, SecondTraffic[]>();
  for (const { seconds: list } of endpoints) for (const one of list) entry(bySecond, one.second, () => []).push(one);
  const list = [...bySecond]
    .toSorted(([left], [right]) => left - right)
    .map(([second, parts]) => ({
      second,
      books: sumBooks(parts),
      unexpected: parts.reduce((sum, part) => sum + part.unexpected, 0),
      response: mergeValueCounts(parts.map((part) => part.response)),
      service: mergeValueCounts(parts.map((part) => part.service)),
    }));
  return endpointOf('', list, inside, addStatuses(endpoints.map(({ statuses }) => statuses)));
}

/** One histogram for all readings: a new one is 90 kB. */
class HistogramReader {
  readonly #scratch = new LatencyHistogram();
  unreadable = 0;

  read(texts: readonly (string | null)[]): ValueCounts {
    this.#scratch.reset();
    for (const text of texts) {
      if (text === null) continue;
      try {
        this.#scratch.addEncoded(text);
      } catch {
        // A damaged histogram loses its times, not the run: it is counted, and the analysis says so.
        this.unreadable++;
      }
    }
    return valueCountsOf(this.#scratch);
  }
}
