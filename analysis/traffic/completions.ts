import {
  type EpochMilliseconds,
  type Milliseconds,
  between,
  microsecondsOf,
  milliseconds,
  seconds,
} from '../../model/units.ts';
import type { DecodedTraffic, SecondTraffic } from './decode-traffic.ts';

/**
 * How many requests were answered between two instants: the divisor of every cost per request. Done requests count when
 * their answer was complete (due time plus response time, the due time taken as the middle of its second), since beyond
 * saturation what is due in a window is answered long after it. Shed ones and unexpected answers have no time here and
 * count when they were due; what timed out or broke was never answered.
 */
export class Completions {
  readonly #startedAt: EpochMilliseconds;
  readonly #seconds: readonly SecondTraffic[];

  constructor({ measurement, stages }: DecodedTraffic) {
    this.#startedAt = measurement.startedAt;
    this.#seconds = stages.flatMap(({ all }) => all.seconds);
  }

  in(from: EpochMilliseconds, to: EpochMilliseconds): number {
    const first = between(this.#startedAt, from);
    const last = between(this.#startedAt, to);
    return this.#seconds.reduce((sum, second) => sum + doneIn(second, first, last) + untimedIn(second, first, last), 0);
  }
}

const middleOf = (second: number): Milliseconds => milliseconds(seconds(second) + seconds(1) / 2);

function untimedIn({ second, books, unexpected }: SecondTraffic, from: Milliseconds, to: Milliseconds): number {
  const due = middleOf(second);
  return due >= from && due < to ? books.shed + unexpected : 0;
}

/** How many of the requests due in this second were done between two offsets from the start of the load. */
export function doneIn({ second, response }: SecondTraffic, from: Milliseconds, to: Milliseconds): number {
  const due = middleOf(second);
  if (due >= to || response.total === 0) return 0;
  const least = microsecondsOf(milliseconds(from - due));
  const most = microsecondsOf(milliseconds(to - due));
  let timed = 0;
  for (const [index, value] of response.values.entries()) {
    if (value >= most) break;
    if (value >= least) timed += response.counts[index] ?? 0;
  }
  return timed;
}
