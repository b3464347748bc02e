import { mostServers, mostSimulatedErlangs, smallestServers } from './smallest-servers.ts';
import { type WaitObjective, type WaitingLoad, busyServers, isMarkov } from './waiting-load.ts';
import type { Waits } from './waits.ts';

export interface SizingQuestion {
  /** What is expected, and the lightest and heaviest load that inputs which are not known exactly allow. */
  readonly load: WaitingLoad;
  readonly lightest: WaitingLoad;
  readonly heaviest: WaitingLoad;
  readonly objective: WaitObjective;
  /** What no number may exceed because something behind it is exhausted then (database, cores); null for nothing. */
  readonly atMost: number | null;
  /** What no number may go below, whatever the load. */
  readonly atLeast: number;
  readonly seed: number;
}

export const sizingDoubts = [
  'cut-to-bound',
  'raised-to-bound',
  'bounds-conflict',
  'simulation-undecided',
  'heaviest-load-saturates',
  'high-unknown',
] as const;
export type SizingDoubt = (typeof sizingDoubts)[number];

export type ServerSizing =
  | {
      readonly status: 'refused';
      /** What is behind is saturated; too many to simulate; no number is known to be enough. */
      readonly reason: 'saturated' | 'too-large-to-simulate' | 'never-enough';
    }
  | {
      readonly status: 'sized';
      readonly servers: number;
      readonly low: number;
      readonly high: number | null;
      /** What the objective needs at the expected load, bounds left aside; its interval is that of the simulation. */
      readonly needed: { readonly estimate: number; readonly low: number; readonly high: number | null };
      readonly rows: readonly Waits[];
      readonly doubts: readonly SizingDoubt[];
    };

/** The fewest servers that meet the objective within the bounds, with its neighbours, or why there is no such number. */
export function sizeServers(question: SizingQuestion): ServerSizing {
  const { load, lightest, heaviest, atMost, atLeast } = question;
  const refusal = refusalOf(load, atMost);
  if (refusal !== null) return { status: 'refused', reason: refusal };
  const { objective, seed } = question;
  const jobs = runLength(objective);
  const expected = smallestServers(load, objective, jobs, seed);
  if (expected.enough === null) return { status: 'refused', reason: 'never-enough' };
  const needed = expected.enough;
  const doubts: SizingDoubt[] = [];
  const bounded = (servers: number): number => Math.max(atLeast, Math.min(atMost ?? Infinity, servers));
  const servers = bounded(needed);
  if (servers < needed) doubts.push('cut-to-bound');
  if (servers > needed) doubts.push('raised-to-bound');
  if (atMost !== null && atLeast > atMost) doubts.push('bounds-conflict');
  const interval = expected.interval();
  if (interval.low !== interval.high) doubts.push('simulation-undecided');

  const lows = [needed, interval.low ?? needed];
  const highs: (number | null)[] = [needed, interval.high];
  for (const corner of [lightest, heaviest]) {
    if (corner === load) continue;
    const reason = refusalOf(corner, atMost);
    if (reason === 'saturated') doubts.push('heaviest-load-saturates');
    const there = reason === null ? smallestServers(corner, objective, jobs, seed).interval() : null;
    lows.push(there?.low ?? needed);
    highs.push(there?.high ?? null);
  }
  const high = highs.includes(null) ? null : Math.max(...highs.filter((each) => each !== null));
  if (high === null) doubts.push('high-unknown');
  return {
    status: 'sized',
    servers,
    low: bounded(Math.min(...lows)),
    high: high === null ? null : bounded(high),
    needed: { estimate: needed, low: interval.low ?? needed, high: interval.high },
    rows: neighbours(servers, needed).map((each) => expected.waitsWith(each)),
    doubts,
  };
}

/** What another load would need, bounds left aside; null where it is more than can be told. */
export function serversFor(load: WaitingLoad, { atMost, objective, seed }: SizingQuestion): number | null {
  if (refusalOf(load, atMost) !== null) return null;
  return smallestServers(load, objective, shortRun, seed).enough;
}

function refusalOf(
  load: WaitingLoad,
  atMost: number | null,
): 'saturated' | 'too-large-to-simulate' | 'never-enough' | null {
  const offered = busyServers(load);
  if (atMost !== null && offered >= atMost) return 'saturated';
  if (offered >= mostServers) return 'never-enough';
  return !isMarkov(load) && offered > mostSimulatedErlangs ? 'too-large-to-simulate' : null;
}

/** Two on each side, and what the objective needs where a bound keeps it away. */
function neighbours(servers: number, needed: number): readonly number[] {
  const around = [-2, -1, 0, 1, 2].map((step) => servers + step).filter((each) => each >= 1);
  return [...new Set([...around, needed])].toSorted((one, other) => one - other);
}

/** Of one run; rare waits need longer ones. */
function runLength({ share }: WaitObjective): number {
  const wanted = 400 / share;
  return Math.ceil(Math.min(Math.max(wanted, shortRun), longRun));
}

const shortRun = 10_000;
const longRun = 60_000;
