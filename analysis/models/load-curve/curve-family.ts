import { type CapacityBounds, type CurveForm, mostExponent, pointDeviations, riseAt } from './load-curve-problem.ts';
import type { CurvePoint } from './load-curve.ts';

/**
 * All curves of one capacity and exponent: base and scale are then plain linear least squares, so that the curves whose sum
 * of squares is at most some bound are an ellipse of (base, scale), and the highest and lowest value among them at any load
 * has a closed form.
 */
export interface CurveFamily {
  readonly form: CurveForm;
  readonly capacity: number;
  readonly exponent: number;
  /** The best base and scale, whatever their signs. */
  readonly base: number;
  readonly scale: number;
  /** Of the best with both at least 0. */
  readonly sumOfSquares: number;
  /** Sums of 1, x, x², y, xy and y² by weight: x is the rise, y the value. */
  readonly sums: Sums;
}

interface Sums {
  readonly one: number;
  readonly x: number;
  readonly xx: number;
  readonly y: number;
  readonly xy: number;
  readonly yy: number;
}

/** The family of a capacity and exponent through points. */
export function curveFamily(
  points: readonly CurvePoint[],
  weights: readonly number[],
  form: CurveForm,
  capacity: number,
  exponent: number,
): CurveFamily {
  let [one, x, xx, y, xy, yy] = [0, 0, 0, 0, 0, 0];
  for (let row = 0; row < points.length; row++) {
    const { load, value } = points[row] ?? { load: 0, value: 0 };
    const weight = weights[row] ?? 0;
    const rise = riseAt(form, load, capacity, exponent).value;
    one += weight;
    x += weight * rise;
    xx += weight * rise ** 2;
    y += weight * value;
    xy += weight * rise * value;
    yy += weight * value ** 2;
  }
  const sums = { one, x, xx, y, xy, yy };
  const determinant = one * xx - x ** 2;
  const scale = determinant > 0 ? (one * xy - x * y) / determinant : 0;
  const base = (y - scale * x) / one;
  const [bestBase, bestScale] =
    scale < 0 ? [Math.max(0, y / one), 0] : base < 0 ? [0, Math.max(0, xx > 0 ? xy / xx : 0)] : [base, scale];
  return { form, capacity, exponent, base, scale, sumOfSquares: squaresOf(sums, bestBase, bestScale), sums };
}

function squaresOf({ one, x, xx, y, xy, yy }: Sums, base: number, scale: number): number {
  return Math.max(0, yy - 2 * (base * y + scale * xy) + base ** 2 * one + 2 * base * scale * x + scale ** 2 * xx);
}

/** Families over all that capacity and exponent can be, so dense that neighbours differ by a share of a point's error. */
export function curveFamilies(points: readonly CurvePoint[], form: CurveForm, bounds: CapacityBounds): CurveFamily[] {
  const weights = pointDeviations(points).map((deviation) => 1 / deviation ** 2);
  if (form === 'linear') return [curveFamily(points, weights, form, 1, 1)];
  return capacities(bounds).flatMap((capacity) =>
    (form === 'queue' ? [1] : exponents).map((exponent) => curveFamily(points, weights, form, capacity, exponent)),
  );
}

const capacitySteps = 240;
/** Quarters up to 6, then whole ones. */
const exponents = [
  ...Array.from({ length: 24 }, (_, step) => step / 4),
  ...Array.from({ length: mostExponent - 5 }, (_, step) => 6 + step),
];

/** In equal steps of the logarithm of what is spare above the highest load, since that is what a wait goes with. */
function capacities({ highest, least, most }: CapacityBounds): readonly number[] {
  const [from, to] = [least - highest, most - highest];
  return Array.from(
    { length: capacitySteps },
    (_, step) => highest + from * (to / from) ** (step / (capacitySteps - 1)),
  );
}

/** The lowest and highest value at a load among the curves of a family with at most this sum of squares; null for none. */
export function familyRange(
  family: CurveFamily,
  load: number,
  mostSquares: number,
): { readonly low: number; readonly high: number } | null {
  if (family.sumOfSquares > mostSquares) return null;
  const { form, capacity, exponent, sums } = family;
  if (form !== 'linear' && load >= capacity) return { low: Infinity, high: Infinity };
  const rise = riseAt(form, load, capacity, exponent).value;
  const values = [...tangents(family, rise, mostSquares)];
  if (values.length < 2) values.push(...edges(sums, rise, mostSquares));
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** Where lines of equal value touch the ellipse, as far as base and scale are at least 0 there. */
function tangents({ base, scale, sums }: CurveFamily, rise: number, mostSquares: number): number[] {
  const { one, x, xx } = sums;
  const determinant = one * xx - x ** 2;
  const room = mostSquares - squaresOf(sums, base, scale);
  if (!(determinant > 0) || room < 0) return [];
  // The inverse of the normal matrix times (1, rise).
  const byBase = (xx - x * rise) / determinant;
  const byScale = (one * rise - x) / determinant;
  const variance = byBase + rise * byScale;
  const length = Math.sqrt(room / Math.max(variance, Number.MIN_VALUE));
  return [-1, 1].flatMap((sign) => {
    const [at, slope] = [base + sign * length * byBase, scale + sign * length * byScale];
    return at >= 0 && slope >= 0 ? [at + slope * rise] : [];
  });
}

/** The ends of what remains of the ellipse on the edges base = 0 and scale = 0. */
function edges({ one, xx, y, xy, yy }: Sums, rise: number, mostSquares: number): number[] {
  const onEdge = (square: number, product: number): number[] => {
    const root = product ** 2 - square * (yy - mostSquares);
    if (!(square > 0) || root < 0) return [];
    const [low, high] = [(product - Math.sqrt(root)) / square, (product + Math.sqrt(root)) / square];
    return high < 0 ? [] : [Math.max(0, low), high];
  };
  return [...onEdge(xx, xy).map((scale) => scale * rise), ...onEdge(one, y)];
}
