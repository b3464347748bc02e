import type { HeapUse } from './collector-model.ts';

/**
 * Share of goal − live heap that is allocated from one collection to the next.
 *
 * Source: Go's pacer, mgcpacer.go (trigger): 45/64 and 61/64 bound where a collection begins.
 */
export function usedShare(use: HeapUse, overlap: number): number {
  switch (use.kind) {
    case 'constant':
      return use.share;
    case 'pacer':
      return Math.min(pacedTrigger(use.runway, overlap) + use.whileMarking * overlap, mostUse);
    default:
      return use satisfies never;
  }
}

/** How much of the way from live heap to goal a collection begins at. */
const pacedTrigger = (runway: number, overlap: number): number =>
  Math.min(Math.max(1 - runway * overlap, 45 / 64), 61 / 64);

/**
 * The pacer's two parameters by least squares: for each runway of a grid the other one follows, and the best pair counts.
 * The runway is 3 in Go's source times how much its estimate, the largest of five, is above the mean.
 */
export function fitHeapUse(shares: readonly number[], overlaps: readonly number[]): HeapUse {
  let best: HeapUse = { kind: 'pacer', runway: 0, whileMarking: 0 };
  let least = Infinity;
  const squares = overlaps.reduce((sum, overlap) => sum + overlap ** 2, 0);
  for (let runway = leastRunway; runway < mostRunway; runway *= runwayStep) {
    const rest = shares.map((share, index) => share - pacedTrigger(runway, overlaps[index] ?? 0));
    const along = rest.reduce((sum, value, index) => sum + value * (overlaps[index] ?? 0), 0);
    const whileMarking = Math.min(Math.max(along / squares, 0), mostWhileMarking);
    const off = rest.reduce((sum, value, index) => sum + (value - whileMarking * (overlaps[index] ?? 0)) ** 2, 0);
    if (off >= least) continue;
    least = off;
    best = { kind: 'pacer', runway, whileMarking };
  }
  return best;
}

/** A collection seldom ends far beyond the goal: goroutines are made to help before. */
const mostUse = 1.15;
const leastRunway = 0.25;
const mostRunway = 60;
const runwayStep = 1.06;
const mostWhileMarking = 1.5;
