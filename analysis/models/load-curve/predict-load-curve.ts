import { familyRange } from './curve-family.ts';
import type { FittedLoadCurve } from './fit-load-curve.ts';
import { curveLoad, curveValue } from './load-curve.ts';

/** A number with the interval of all supported curves; null: the points set no limit on that side. */
export interface CurveEstimate {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}

export type LoadPrediction =
  | ({ readonly status: 'within' } & CurveEstimate)
  /** All curves that fit reach the value beyond `farthest` only. */
  | { readonly status: 'beyond'; readonly farthest: number }
  /** Curves that fit reach it before `farthest`, the best one does not: not identified. */
  | { readonly status: 'open'; readonly farthest: number; readonly low: number };

/**
 * The value at a load, of the mean curve; null beyond 1.25 times the highest load and below 0.8 times the lowest, and where
 * the best curve has no steady value. The interval is 95 % by profile likelihood, over all supported curves.
 */
export function valueAt(fitted: FittedLoadCurve, load: number): CurveEstimate | null {
  const { range, supported } = fitted;
  if (load > range.farthest || load < range.least * nearest) return null;
  const estimate = curveValue(supported[0].curve, load);
  if (!Number.isFinite(estimate)) return null;
  const { low, high } = bandAt(fitted, load);
  return { estimate, low: Math.min(low, estimate), high: Number.isFinite(high) ? Math.max(high, estimate) : null };
}

/** The load at which the figure reaches a value: low where the band's upper edge does, high where the lower one does. */
export function loadReaching(fitted: FittedLoadCurve, value: number): LoadPrediction {
  const { farthest } = fitted.range;
  const estimate = curveLoad(fitted.supported[0].curve, value);
  const low = firstLoad(farthest, (load) => bandAt(fitted, load).high >= value);
  if (estimate > farthest) return low === null ? { status: 'beyond', farthest } : { status: 'open', farthest, low };
  const high = firstLoad(farthest, (load) => bandAt(fitted, load).low >= value);
  return {
    status: 'within',
    estimate,
    low: Math.min(low ?? estimate, estimate),
    high: high === null ? null : Math.max(high, estimate),
  };
}

/** Downward predictions end where upward ones do, by the same factor. */
const nearest = 0.8;

function bandAt({ supported }: FittedLoadCurve, load: number): { readonly low: number; readonly high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const { families, mostSquares } of supported)
    for (const family of families) {
      const range = familyRange(family, load, mostSquares);
      if (range === null) continue;
      low = Math.min(low, range.low);
      high = Math.max(high, range.high);
    }
  return { low, high };
}

/** Where something that stays true from some load on becomes so; null where it does not before the farthest. */
function firstLoad(farthest: number, reached: (load: number) => boolean): number | null {
  let [before, after] = [farthest * lowestShare, farthest];
  if (!reached(after)) return null;
  if (reached(before)) return 0;
  for (let step = 0; step < bisections; step++) {
    const middle = (before + after) / 2;
    if (reached(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/** Five digits of the load. */
const bisections = 18;
const lowestShare = 1e-6;
