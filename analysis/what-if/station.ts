import { seededRandom, streamSeed } from '../../model/random.ts';
import { microseconds, milliseconds, millisecondsOf, perSecond, seconds } from '../../model/units.ts';
import type { QueueOrder } from '../models/queueing/waiting-line.ts';
import { plainQueue, simulateQueue } from '../models/queueing/simulate-queue.ts';
import { type ValueCounts, quantileOfCounts } from '../traffic/value-counts.ts';

/**
 * What a service is taken for: one station of so many servers that requests queue for, and beside it time that nobody
 * waits for (network, other services). How long a request takes when it is alone has the measured shape; of it the part
 * at the station is
 * - `proportional`: the same share for every request, so that slow ones hold a server for longer;
 * - `constant`: what is left when the time beside the station, the same for every request, is taken off.
 */
export interface Station {
  readonly servers: number;
  /** Mean time that a request holds a server. */
  readonly heldMs: number;
  /** Mean response time of a request that waits for nothing; at least `heldMs`. */
  readonly aloneMs: number;
  readonly order: QueueOrder;
  readonly beside: 'proportional' | 'constant';
}

/** A constant time beside the station may be longer than at most this share of the requests takes altogether. */
const mostCut = 0.02;

/**
 * How long requests hold a server: its shape, whose mean is another for what little they waited in the lowest stage. Null
 * where the time beside the station is longer than what too many requests take altogether.
 */
export function heldShape(
  { heldMs, aloneMs, beside }: Pick<Station, 'heldMs' | 'aloneMs' | 'beside'>,
  shape: readonly number[],
): readonly number[] | null {
  if (beside === 'proportional') return shape;
  const left = shape.map((value) => value - (aloneMs - heldMs));
  if (left.filter((value) => value < 0).length > mostCut * left.length) return null;
  return left.map((value) => Math.max(0, value));
}

/** Response times in ms, simulated. */
export interface SimulatedLoad {
  readonly meanWait: number;
  readonly mean: number;
  readonly quantiles: readonly number[];
}

/** Requests per second that the station carries at most. */
export const saturationOf = ({ servers, heldMs }: Pick<Station, 'servers' | 'heldMs'>): number =>
  (servers * seconds(1)) / heldMs;

/** What a simulation draws service times from: as many quantiles of the measured response times. */
export function shapeOf(counts: ValueCounts, points = 2000): readonly number[] {
  return Array.from({ length: points }, (_, index) =>
    millisecondsOf(microseconds(quantileOfCounts(counts, (index + 0.5) / points) ?? 0)),
  );
}

/**
 * Response times of so many requests at a rate below saturation, the first quarter left out. The same seed draws the
 * same gaps and services for any station, so that what two stations differ by is theirs and not chance's.
 */
export function simulateStation(
  station: Station,
  load: {
    readonly perSecond: number;
    readonly arrivals: 'even' | 'poisson';
    readonly shape: readonly number[];
    readonly requests: number;
    readonly seed: number;
  },
  quantiles: readonly number[],
): SimulatedLoad {
  const { servers, heldMs, aloneMs, order, beside } = station;
  const duration = milliseconds((load.requests * seconds(1)) / load.perSecond);
  const responses = new Float64Array(2 * load.requests);
  let count = 0;
  let waited = 0;
  const held = heldShape(station, load.shape);
  if (held === null) throw new RangeError('the time beside the station is longer than requests take');
  const [whole, rest] = beside === 'proportional' ? [aloneMs / heldMs, 0] : [1, aloneMs - heldMs];
  simulateQueue(
    {
      ...plainQueue,
      servers,
      serviceTime: milliseconds(heldMs),
      service: { kind: 'measured', values: held },
      arrivals: { kind: load.arrivals === 'even' ? 'constant' : 'exponential' },
      order,
    },
    { rate: perSecond(load.perSecond), duration },
    seededRandom(streamSeed(load.seed, 0)),
    (due, start, end) => {
      if (due < duration / 4) return;
      responses[count++] = start - due + (end - start) * whole + rest;
      waited += start - due;
    },
  );
  const sorted = responses.subarray(0, count).toSorted();
  return {
    meanWait: waited / count,
    // Not the mean of the draws: what they scatter by is no part of the prediction.
    mean: aloneMs + waited / count,
    quantiles: quantiles.map((quantile) => sorted[Math.min(count - 1, Math.floor(quantile * count))] ?? 0),
  };
}
