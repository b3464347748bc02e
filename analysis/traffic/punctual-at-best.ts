import {
  type Milliseconds,
  eventsIn,
  inSeconds,
  microsecondsOf,
  milliseconds,
  rateOf,
  seconds,
} from '../../model/units.ts';
import type { EndpointTraffic, SecondTraffic, StageTraffic } from './decode-traffic.ts';
import { type ValueCounts, mergeValueCounts, timeQuantile } from './value-counts.ts';

/** What a late generator can have added to response times. */
export interface LatenessEffect {
  readonly delayMs: Milliseconds;
  /** Share of the requests that may have been held up by even more. */
  readonly beyond: number;
}

/** Of the requests in the tail that is asked about, the share that may have been late by more than is allowed for. */
const shareOfTail = 0.1;

/**
 * The generator's loop can hold a request up twice: it sends it late, which is measured as lateness, and it reads the
 * answer late, which is the same loop and so alike. With δ a tenth of `tail` (0.01 for a p99), all but 2δ of the requests
 * were held up by no more than twice the (1 − δ)-quantile of lateness, however the two go together. Null where lateness
 * was not measured.
 */
export function latenessEffect({ steadyHealth }: StageTraffic, tail: number): LatenessEffect | null {
  const late = shareOfTail * tail;
  const lateness = timeQuantile(mergeValueCounts(steadyHealth.map((second) => second.lateness)), 1 - late);
  return lateness === null ? null : { delayMs: milliseconds(2 * lateness), beyond: 2 * late };
}

/**
 * The stage as it may have been under a punctual generator, at best: each answer earlier by `by` (the quickest may come
 * out below 0), and what was dropped left out in seconds in which more piled up behind a stall than the queue takes.
 */
export function punctualAtBest(stage: StageTraffic, by: Milliseconds, queueLimit: number): StageTraffic {
  const burst = burstSeconds(stage, queueLimit);
  const better = (traffic: EndpointTraffic): EndpointTraffic => ({
    ...traffic,
    seconds: traffic.seconds.map((second) => withoutDrops(second, burst)),
    steady: traffic.steady.map((second) => ({
      ...withoutDrops(second, burst),
      response: earlier(second.response, microsecondsOf(by)),
    })),
  });
  return { ...stage, all: better(stage.all), endpoints: stage.endpoints.map(better) };
}

/** A stall is told in the second in which it began; its requests were due until it ended. */
function burstSeconds({ health, all }: StageTraffic, queueLimit: number): ReadonlySet<number> {
  const dueIn = new Map(all.seconds.map(({ second, books }) => [second, books.due] as const));
  return new Set(
    health.flatMap(({ health: { second, stallMaxMs } }) => {
      const rate = rateOf(dueIn.get(second) ?? 0, seconds(1));
      if (eventsIn(rate, stallMaxMs) <= queueLimit) return [];
      return Array.from({ length: 1 + Math.ceil(inSeconds(stallMaxMs)) }, (_, offset) => second + offset);
    }),
  );
}

function withoutDrops(second: SecondTraffic, burst: ReadonlySet<number>): SecondTraffic {
  const { books } = second;
  return burst.has(second.second)
    ? { ...second, books: { ...books, due: books.due - books.dropped, dropped: 0 } }
    : second;
}

function earlier({ values, counts, total }: ValueCounts, by: number): ValueCounts {
  return { values: values.map((value) => value - by), counts, total };
}
