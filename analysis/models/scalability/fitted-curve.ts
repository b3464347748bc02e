import { type LeastSquaresFit, boundedLeastSquares } from '../../statistics/bounded-least-squares.ts';
import { profileInterval } from '../../statistics/profile-interval.ts';
import { type OpenEstimate, type ScalabilityPoint, fitConfidence } from './scalability-point.ts';
import { type UslParameters, type UslShape, uslProblem } from './usl-curve.ts';
import { type UslQuantity, uslProfile } from './usl-quantity.ts';
import { uslStarts } from './usl-start.ts';

export interface FittedParameter extends OpenEstimate {
  /** From the linear model at the minimum; null at a bound, and for what is given. */
  readonly standardError: number | null;
}

/** A member of the law's family through measured points. */
export interface FittedCurve extends UslParameters {
  readonly points: readonly ScalabilityPoint[];
  readonly shape: UslShape;
  /** γ where it was given, not fitted. */
  readonly givenGamma: number | null;
  readonly fit: LeastSquaresFit;
}

/** Fits a member of the family by least squares of throughput, from several starts. */
export function fitCurve(
  points: readonly ScalabilityPoint[],
  shape: UslShape,
  givenGamma: number | null = null,
): FittedCurve {
  const fit = boundedLeastSquares(uslProblem(points, shape, givenGamma), uslStarts(points));
  const [gamma = 0, alpha = 0, beta = 0] = fit.parameters;
  return { points, shape, givenGamma, fit, gamma, alpha, beta };
}

/** A quantity of a fitted curve with its 95 % profile-likelihood interval; `least` and `most` are what it can be at all. */
export function curveEstimate(
  { points, shape, givenGamma, fit, ...near }: FittedCurve,
  quantity: UslQuantity,
  estimate: number,
  least: number,
  most: number,
): OpenEstimate {
  if (isExact(points, fit.sumOfSquares)) return { estimate, low: estimate, high: estimate };
  const sumOfSquaresAt = uslProfile(uslProblem(points, shape, givenGamma), quantity, near);
  const profiled = { estimate, least, most, sumOfSquaresAt };
  return { estimate, ...profileInterval(profiled, fit.sumOfSquares, fit.degreesOfFreedom, fitConfidence) };
}

export function gammaEstimate(curve: FittedCurve): FittedParameter {
  const { gamma, givenGamma, fit } = curve;
  if (givenGamma !== null) return { estimate: givenGamma, low: givenGamma, high: givenGamma, standardError: null };
  const estimate = curveEstimate(curve, { kind: 'parameter', name: 'gamma' }, gamma, 0, Infinity);
  return { ...estimate, standardError: fit.standardErrors[0] ?? null };
}

export function alphaEstimate(curve: FittedCurve): FittedParameter {
  const estimate = curveEstimate(curve, { kind: 'parameter', name: 'alpha' }, curve.alpha, 0, 1);
  return { ...estimate, standardError: curve.fit.standardErrors[1] ?? null };
}

export function betaEstimate(curve: FittedCurve): FittedParameter {
  const estimate = curveEstimate(curve, { kind: 'parameter', name: 'beta' }, curve.beta, 0, 1);
  return { ...estimate, standardError: curve.fit.standardErrors[2] ?? null };
}

/** Whether the residuals are of the size of rounding. */
export function isExact(points: readonly ScalabilityPoint[], sumOfSquares: number): boolean {
  return sumOfSquares <= exactShare * points.reduce((sum, { throughput }) => sum + throughput ** 2, 0);
}

const exactShare = 1e-20;
