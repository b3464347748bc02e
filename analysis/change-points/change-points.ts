import { type SegmentChange, changeMagnitude, segmentChange } from './segment-change.ts';
import { windowChanges } from './window-changes.ts';

/** Apache Otava's settings, with its defaults in `otavaSettings`. */
export interface ChangePointSettings {
  /** Values looked at together, at least 2. */
  readonly window: number;
  /** A point is kept below this. */
  readonly pValue: number;
  /** A point is kept above this relative change, there or back: 0.05 for 5 %. */
  readonly magnitude: number;
}

export const otavaSettings: ChangePointSettings = { window: 50, pValue: 0.001, magnitude: 0 };

export interface ChangePoint extends SegmentChange {
  /** Of the first value after the change, from 0; never 0. */
  readonly index: number;
}

/**
 * Where a series of nightly values changes: the points of Apache Otava 0.8 (E-divisive with Student's t test), computed on
 * the whole series.
 *
 * ```
 * half-overlapping windows ──▶ splits at a relaxed p ──▶ their tests on the whole series ──▶ the weakest dropped, one by one
 * ```
 *
 * Equal to Otava's on purpose, and therefore so: the variance of `segmentChange`; and when a point is dropped, the two
 * points *after* it are tested again where its two neighbours were meant, so that the point before a dropped one keeps a
 * mean and p of the shorter segment. Tested against Otava itself (fixtures/reference/change-points.json).
 *
 * Source: Fleming et al., "Hunter: Using Change Point Detection to Hunt for Performance Regressions", ICPE 2023;
 * behaviour of Apache Otava (incubating) 0.8.0.
 *
 * @param series without gaps: see `fillGaps`
 * @throws RangeError for a window below 2.
 */
export function changePoints(series: readonly number[], settings: ChangePointSettings): readonly ChangePoint[] {
  const { window, pValue, magnitude } = settings;
  if (!Number.isInteger(window) || window < 2) throw new RangeError(`a window of ${window} cannot be split`);
  const candidates = candidateIndices(series, window, relaxed(pValue));
  const points = candidates.map((_, at) => pointAt(series, candidates, at));
  for (;;) {
    const weakest = weakestOf(points, pValue, magnitude);
    if (weakest === -1) return points;
    points.splice(weakest, 1);
    const left = points.map(({ index }) => index);
    for (const at of [weakest, weakest + 1]) if (at < points.length) points[at] = pointAt(series, left, at);
  }
}

/** What a candidate must reach in its window, before the neighbours are known. */
const relaxed = (pValue: number): number => (pValue < 0.05 ? pValue * 10 : pValue < 0.5 ? pValue * 2 : pValue);

function candidateIndices(series: readonly number[], window: number, pValue: number): readonly number[] {
  const values = Float64Array.from(series);
  const step = Math.floor(window / 2);
  const found = new Set<number>();
  let start = 0;
  while (start < values.length) {
    const changes = windowChanges(values.subarray(start, start + window), pValue).map((index) => start + index);
    for (const index of changes) found.add(index);
    start = Math.max(changes.at(-1) ?? 0, start + step);
  }
  return [...found].toSorted((left, right) => left - right);
}

function pointAt(series: readonly number[], indices: readonly number[], at: number): ChangePoint {
  const index = indices[at] ?? 0;
  return { index, ...segmentChange(series, indices[at - 1] ?? 0, index, indices[at + 1] ?? series.length) };
}

/** The first with the largest p, unless all pass: then the first with the smallest change; −1 if that passes, too. */
function weakestOf(points: readonly ChangePoint[], pValue: number, magnitude: number): number {
  let weakest = 0;
  for (const [at, point] of points.entries()) if (point.pValue > (points[weakest]?.pValue ?? 0)) weakest = at;
  const unsure = points[weakest];
  if (unsure === undefined) return -1;
  if (!(unsure.pValue < pValue)) return weakest;
  const changes = points.map(changeMagnitude);
  weakest = 0;
  for (const [at, change] of changes.entries()) if (change < (changes[weakest] ?? 0)) weakest = at;
  return (changes[weakest] ?? 0) > magnitude ? -1 : weakest;
}
