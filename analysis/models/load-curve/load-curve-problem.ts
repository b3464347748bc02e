import type { LeastSquaresProblem } from '../../statistics/least-squares-problem.ts';
import type { CurvePoint, LoadCurve } from './load-curve.ts';

/** What of a curve is fitted, beside base and scale: nothing more, the capacity, or the exponent as well. */
export type CurveForm = 'linear' | 'queue' | 'queue-of-servers';

/** How many parameters each form has. */
export const formParameters = { linear: 2, queue: 3, 'queue-of-servers': 4 } as const satisfies Record<
  CurveForm,
  number
>;

/** Between which the capacity must lie, above the highest load of the points. */
export interface CapacityBounds {
  readonly highest: number;
  readonly least: number;
  readonly most: number;
}

/** No figure is taken to be more exact than this share of itself: stages are short, and machines differ by the minute. */
const bestAccuracy = 0.03;

/** Standard deviations by which points are weighed. */
export function pointDeviations(points: readonly CurvePoint[]): readonly number[] {
  const largest = Math.max(...points.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return points.map(({ value, error }) =>
    Math.hypot(error, bestAccuracy * Math.abs(value), smallestDeviation * bestAccuracy * largest),
  );
}

/** A zero among values is not exact either: it is known to a tenth of what the largest is known to. */
const smallestDeviation = 0.1;

/** The curve through points, each divided by its standard deviation. Parameters: base, scale, capacity, exponent. */
export function loadCurveProblem(
  points: readonly CurvePoint[],
  form: CurveForm,
  capacity: CapacityBounds,
): LeastSquaresProblem {
  const deviations = pointDeviations(points);
  const exponentMost = form === 'queue-of-servers' ? mostExponent : 1;
  return {
    observed: Float64Array.from(points, ({ value }, row) => value / (deviations[row] ?? 1)),
    lower: [0, 0, form === 'linear' ? 1 : capacity.least, form === 'queue-of-servers' ? 0 : 1],
    upper: [Infinity, Infinity, form === 'linear' ? 1 : capacity.most, exponentMost],
    evaluate: ([base = 0, scale = 0, limit = 1, exponent = 1], values, gradients) => {
      const [byBase, byScale, byCapacity, byExponent] = gradients;
      for (const [row, { load }] of points.entries()) {
        const weight = 1 / (deviations[row] ?? 1);
        const rise = riseAt(form, load, limit, exponent);
        values[row] = weight * (base + scale * rise.value);
        if (byBase !== undefined) byBase[row] = weight;
        if (byScale !== undefined) byScale[row] = weight * rise.value;
        if (byCapacity !== undefined) byCapacity[row] = weight * scale * rise.byCapacity;
        if (byExponent !== undefined) byExponent[row] = weight * scale * rise.byExponent;
      }
    },
  };
}

/** √(2(c + 1)) − 1 of 128 servers is 15. */
export const mostExponent = 15;

export interface Rise {
  readonly value: number;
  readonly byCapacity: number;
  readonly byExponent: number;
}

/** What the scale is multiplied by at a load, with its derivatives. */
export function riseAt(form: CurveForm, load: number, capacity: number, exponent: number): Rise {
  if (form === 'linear') return { value: load, byCapacity: 0, byExponent: 0 };
  const use = load / capacity;
  const power = use ** exponent;
  const value = power / (1 - use);
  const byUse = (exponent * power) / (use * (1 - use)) + power / (1 - use) ** 2;
  return { value, byCapacity: (-byUse * use) / capacity, byExponent: value * Math.log(use) };
}

export function curveOf(
  form: CurveForm,
  [base = 0, scale = 0, capacity = 1, exponent = 1]: readonly number[],
): LoadCurve {
  return form === 'linear' ? { shape: 'linear', base, scale } : { shape: 'queue', base, scale, capacity, exponent };
}
