import { boundedLeastSquares } from '../../statistics/bounded-least-squares.ts';
import { fQuantile } from '../../statistics/f-quantile.ts';
import { type CurveFamily, curveFamilies, curveFamily } from './curve-family.ts';
import {
  type CapacityBounds,
  type CurveForm,
  curveOf,
  formParameters,
  loadCurveProblem,
  pointDeviations,
} from './load-curve-problem.ts';
import type { CurvePoint, LoadCurve } from './load-curve.ts';

/** The best curve of a form, and all others that the points do not contradict. */
export interface CandidateCurve {
  readonly form: CurveForm;
  readonly curve: LoadCurve;
  readonly sumOfSquares: number;
  /** Curves with at most this sum of squares fit not significantly worse. */
  readonly mostSquares: number;
  readonly families: readonly CurveFamily[];
  /** Akaike's criterion; only differences mean anything. */
  readonly criterion: number;
}

/** A figure over load, by all curves that the points support. */
export interface FittedLoadCurve {
  readonly status: 'fitted';
  readonly points: readonly CurvePoint[];
  /** The best first; the others are within 2 of it by Akaike's criterion. */
  readonly supported: readonly [CandidateCurve, ...CandidateCurve[]];
  /** The lowest and highest load of the points, and where predictions end. */
  readonly range: { readonly least: number; readonly most: number; readonly farthest: number };
}

export interface RefusedLoadCurve {
  readonly status: 'refused';
  readonly reason: 'too-few-loads' | 'not-a-number';
  /** Different loads there are, and are needed. */
  readonly loads: number;
  readonly needed: number;
}

/** Of all intervals of curves. */
export const curveConfidence = 0.95;
/** Nothing is said beyond this times the highest load that was measured. */
const farthest = 1.25;
/** Burnham and Anderson: models within 2 of the best have substantial support. */
const support = 2;

/**
 * Curves through the figures of stages, by weighted least squares. Points are weighed by their own standard errors, of
 * which none is taken to be below 3 % of the value; where the points scatter more than that, the scatter counts.
 *
 * All forms that are asked for and that the points can tell (one load more than parameters) are fitted. Those with
 * support are kept, and predictions allow for all of them: the interval of whatever follows from a curve is what the
 * curves give whose sum of squares is at most S + s² F, with s² the scatter (at least 1) and F the quantile of F(1, d).
 * That is the profile-likelihood interval, found over a dense grid of capacities and exponents without any descent.
 *
 * Sources: Bates and Watts, Nonlinear Regression Analysis and Its Applications, 1988, 6.1.2; Burnham and Anderson, Model
 * Selection and Multimodel Inference, 2002, 2.5 (the criterion with the scatter of the best form, QAIC).
 *
 * @param capacityMost the most that was ever completed per second, where a stage was overloaded: no steady load lies far
 *   above; null for not known
 */
export function fitLoadCurve(
  points: readonly CurvePoint[],
  forms: readonly CurveForm[],
  capacityMost: number | null = null,
): FittedLoadCurve | RefusedLoadCurve {
  const loads = new Set(points.map(({ load }) => load)).size;
  const needed = Math.min(...forms.map((form) => formParameters[form])) + 1;
  const numbers = points.every(
    ({ load, value, error }) => load > 0 && value >= 0 && error >= 0 && Number.isFinite(load + value + error),
  );
  if (!numbers) return { status: 'refused', reason: 'not-a-number', loads, needed };
  const possible = forms.filter((form) => loads > formParameters[form]);
  const most = Math.max(...points.map(({ load }) => load));
  const fits = possible.map((form) => bestOf(points, form, boundsOf(most, capacityMost)));
  const scatter = Math.max(1, Math.min(...fits.map((fit) => fit.sumOfSquares / fit.freedom)));
  const [best, ...others] = fits
    .map((fit) => ({ ...fit, criterion: fit.sumOfSquares / scatter + 2 * formParameters[fit.form] }))
    .toSorted((left, right) => left.criterion - right.criterion);
  if (best === undefined) return { status: 'refused', reason: 'too-few-loads', loads, needed };
  return {
    status: 'fitted',
    points,
    supported: [best, ...others.filter(({ criterion }) => criterion - best.criterion < support)],
    range: { least: Math.min(...points.map(({ load }) => load)), most, farthest: farthest * most },
  };
}

type Unranked = Omit<CandidateCurve, 'criterion'> & { readonly freedom: number };

function bestOf(points: readonly CurvePoint[], form: CurveForm, bounds: CapacityBounds): Unranked {
  const all = curveFamilies(points, form, bounds);
  const near = all.reduce((least, family) => (family.sumOfSquares < least.sumOfSquares ? family : least));
  const start = [Math.max(0, near.base), Math.max(0, near.scale), near.capacity, near.exponent];
  const { parameters } = boundedLeastSquares(loadCurveProblem(points, form, bounds), [start]);
  const [, , capacity = near.capacity, exponent = near.exponent] = parameters;
  const weights = pointDeviations(points).map((deviation) => 1 / deviation ** 2);
  const polished = curveFamily(points, weights, form, capacity, exponent);
  const best = polished.sumOfSquares <= near.sumOfSquares ? polished : near;
  const freedom = points.length - formParameters[form];
  const { sumOfSquares } = best;
  const mostSquares = sumOfSquares + Math.max(1, sumOfSquares / freedom) * fQuantile(curveConfidence, 1, freedom);
  return {
    form,
    curve: best === polished ? curveOf(form, parameters) : curveOf(form, start),
    sumOfSquares,
    mostSquares,
    families: [best, ...all.filter((family) => family.sumOfSquares <= mostSquares)],
    freedom,
  };
}

/** Above all steady loads, and not far above what an overloaded stage completed. */
function boundsOf(highest: number, capacityMost: number | null): CapacityBounds {
  const least = highest * (1 + nearest);
  return {
    highest,
    least,
    most: capacityMost === null ? highest * boundless : Math.max(least * (1 + nearest), capacityMost * (1 + slack)),
  };
}

/** Nearer to its capacity than that no stage is steady. */
const nearest = 0.002;
/** What is completed in an overloaded stage is known to about this share. */
const slack = 0.03;
/** Of a capacity so far above the loads the curve is a straight line. */
const boundless = 20;
