import type { Random } from '../../../model/random.ts';
import { type Milliseconds, type PerSecond, seconds } from '../../../model/units.ts';
import { CompletionHeap } from './completion-heap.ts';
import { type Distribution, sampler } from './distribution.ts';
import { type QueueOrder, WaitingLine } from './waiting-line.ts';

/** A queue that has no closed form: c servers, one line, anything else of your choice. */
export interface SimulatedQueue {
  readonly servers: number;
  /** Mean service time of a job that is alone. */
  readonly serviceTime: Milliseconds;
  readonly service: Distribution;
  readonly arrivals: Distribution;
  readonly order: QueueOrder;
  /** An arrival that finds so many jobs, those in service included, is turned away; Infinity for none. */
  readonly limit: number;
  /** All servers stand still now and then: exponential gaps (from the end of one stall to the next), fixed length. */
  readonly stalls: { readonly meanGap: Milliseconds; readonly duration: Milliseconds } | null;
  /** By how much a service takes longer that starts as one of so many in service; null: not at all. */
  readonly slowdown: ((inService: number) => number) | null;
}

/** c servers, first come first served, exponential everything; spread it and change what differs. */
export const plainQueue = {
  service: { kind: 'exponential' },
  arrivals: { kind: 'exponential' },
  order: 'fifo',
  limit: Infinity,
  stalls: null,
  slowdown: null,
} as const satisfies Omit<SimulatedQueue, 'servers' | 'serviceTime'>;

/** Called for every job that was answered, in the order of their ends; instants in ms from the start. */
export type VisitJob = (due: number, start: number, end: number) => void;

export interface SimulationCounts {
  readonly arrived: number;
  readonly answered: number;
  readonly turnedAway: number;
}

/**
 * Runs a queue from empty: arrivals come for `duration`, then it runs dry. Events in order of time: the next arrival,
 * the next end of a service, the next stall. Services are on a clock of their own that stands still during a stall, so a
 * stall touches no job one by one.
 *
 * Deterministic in the state of `random`. Cross-checked against theory in simulate-queue.test.ts and against ciw.
 *
 * @throws RangeError for a queue or load that can't be.
 */
export function simulateQueue(
  queue: SimulatedQueue,
  load: { readonly rate: PerSecond; readonly duration: Milliseconds },
  random: Random,
  visit: VisitJob,
): SimulationCounts {
  checkQueue(queue, load.rate);
  const { servers, limit, slowdown, stalls } = queue;
  const serviceTime: number = queue.serviceTime;
  const until: number = load.duration;
  const gap = seconds(1) / load.rate;
  const drawGap = sampler(queue.arrivals, random);
  const drawService = sampler(queue.service, random);
  const line = new WaitingLine(queue.order, random);
  const inService = new CompletionHeap(servers);
  const drawStall = (from: number): number =>
    stalls === null ? Infinity : from + stalls.meanGap * random.exponential();

  let arrival = gap * drawGap();
  let stall = drawStall(0);
  /** What all stalls so far took away from the servers' clock, and where that clock stands until the last one ends. */
  let stalled = 0;
  let frozenAt = 0;
  let arrived = 0;
  let answered = 0;
  let turnedAway = 0;

  const serve = (due: number, now: number): void => {
    const clock = Math.max(now - stalled, frozenAt);
    const factor = slowdown === null ? 1 : slowdown(inService.size + 1);
    inService.add(clock + serviceTime * factor * drawService(), due, now);
  };

  for (;;) {
    const end = inService.end + stalled;
    if (stalls !== null && stall <= end && (stall <= arrival || arrival > until)) {
      if (arrival > until && inService.size === 0) break;
      frozenAt = stall - stalled;
      stalled += stalls.duration;
      stall = drawStall(stall + stalls.duration);
    } else if (arrival <= end && arrival <= until) {
      arrived++;
      if (inService.size + line.size >= limit) turnedAway++;
      else if (inService.size < servers) serve(arrival, arrival);
      else line.add(arrival);
      arrival += gap * drawGap();
    } else if (inService.size > 0) {
      visit(inService.due, inService.start, end);
      answered++;
      inService.removeFirst();
      if (line.size > 0) serve(line.take(), end);
    } else break;
  }
  return { arrived, answered, turnedAway };
}

function checkQueue({ servers, serviceTime, limit, stalls }: SimulatedQueue, rate: PerSecond): void {
  if (!Number.isInteger(servers) || servers < 1) throw new RangeError(`${servers} is no number of servers`);
  if (!(serviceTime > 0 && Number.isFinite(serviceTime))) throw new RangeError(`${serviceTime} is no service time`);
  if (!(rate > 0 && Number.isFinite(rate))) throw new RangeError(`${rate} is no arrival rate`);
  if (!(limit >= servers)) throw new RangeError(`limit ${limit} is below ${servers} servers`);
  if (stalls !== null && !(stalls.meanGap > 0 && stalls.duration >= 0)) throw new RangeError('stalls that cannot be');
}
