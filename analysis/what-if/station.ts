import { seededRandom, streamSeed } from '../../model/random.ts';
import { microseconds, millisecondsOf, seconds } from '../../model/units.ts';
import type { QueueOrder } from '../models/queueing/waiting-line.ts';
import { waitsInLine } from '../models/queueing/waits-in-line.ts';
import { sortedValueAt } from '../statistics/sorted-value-at.ts';
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
 * What is chance in a simulation, drawn once for all stations: the n-th request comes after the same gap and takes as long
 * at each of them, so that what two stations differ by is theirs and not chance's.
 */
export interface DrawnRequests {
  /** When each comes, counted in mean gaps; rising. */
  readonly dues: Float64Array;
  /** Which of the shape's values each has. */
  readonly places: Uint32Array;
  /** Of what else is chance: the order of those who wait. */
  readonly seed: number;
}

/** `points`: length of the shape. */
export function drawRequests(count: number, arrivals: 'even' | 'poisson', points: number, seed: number): DrawnRequests {
  const random = seededRandom(streamSeed(seed, 0));
  const dues = new Float64Array(count);
  const places = new Uint32Array(count);
  let due = 0;
  for (let request = 0; request < count; request++) {
    due += arrivals === 'even' ? 1 : random.exponential();
    dues[request] = due;
    places[request] = random.below(points);
  }
  return { dues, places, seed };
}

/** Response times of the requests at a rate below saturation; the first quarter, which met an empty station, is left out. */
export function simulateStation(
  station: Station,
  load: { readonly perSecond: number; readonly shape: readonly number[]; readonly drawn: DrawnRequests },
  quantiles: readonly number[],
): SimulatedLoad {
  const { servers, heldMs, aloneMs, order, beside } = station;
  const { dues, places, seed } = load.drawn;
  const held = heldShape(station, load.shape);
  if (held === null) throw new RangeError('the time beside the station is longer than requests take');
  const scale = (heldMs * held.length) / held.reduce((sum, value) => sum + value, 0);
  const gap = seconds(1) / load.perSecond;
  // In gaps, as the dues are.
  const holds = new Float64Array(dues.length);
  for (let request = 0; request < dues.length; request++)
    holds[request] = ((held[places[request] ?? 0] ?? 0) * scale) / gap;
  const times = waitsInLine({ dues, holds }, servers, order, seededRandom(streamSeed(seed, 1)));
  const settled = Math.floor(dues.length / 4);
  const [whole, rest] = beside === 'proportional' ? [aloneMs / heldMs, 0] : [1, aloneMs - heldMs];
  let waited = 0;
  for (let request = settled; request < dues.length; request++) {
    const wait = (times[request] ?? 0) * gap;
    waited += wait;
    times[request] = wait + (holds[request] ?? 0) * gap * whole + rest;
  }
  const responses = times.subarray(settled);
  const count = responses.length;
  return {
    meanWait: waited / count,
    // Not the mean of the draws: what they scatter by is no part of the prediction.
    mean: aloneMs + waited / count,
    quantiles: quantiles.map((quantile) => sortedValueAt(responses, Math.min(count - 1, Math.floor(quantile * count)))),
  };
}
