import type { LeastSquaresProblem } from './least-squares-problem.ts';
import { type Descent, levenbergMarquardt } from './levenberg-marquardt.ts';
import { product, solveTriangle, triangularize } from './orthogonal-triangle.ts';

/** A curve laid through observations, with what shows that it is the best one. */
export interface LeastSquaresFit {
  readonly parameters: readonly number[];
  readonly sumOfSquares: number;
  /** Observations less parameters; one whose bounds coincide is none. */
  readonly degreesOfFreedom: number;
  /** √(sum of squares / degrees of freedom); null without degrees of freedom. */
  readonly residualStandardError: number | null;
  /** Observed less fitted, in the order of the observations. */
  readonly residuals: readonly number[];
  /** Per parameter: whether it lies inside its bounds, or at one that the slope pushes it against. */
  readonly free: readonly boolean[];
  /**
   * Per parameter, from the linear model at the minimum; null for one that is held at a bound, for one the observations
   * don't determine, and without degrees of freedom.
   */
  readonly standardErrors: readonly (number | null)[];
  readonly certificate: ConvergenceCertificate;
}

/** What shows that a fit is a minimum, rather than where the steps ran out. */
export interface ConvergenceCertificate {
  readonly converged: boolean;
  /** The largest cosine between the residuals and a free parameter's derivatives; 0 at an exact minimum. */
  readonly cosine: number;
  readonly starts: number;
  /** How many of the starts ended at this sum of squares. */
  readonly agreeing: number;
}

/**
 * The least sum of squares within bounds that any of the starts leads to. It has converged where the slope vanishes in all
 * directions that the bounds leave open, or where the curve passes through all observations.
 *
 * Tested on NIST's certified problems (fixtures/reference/nist-nonlinear.json) and against SciPy.
 *
 * @throws RangeError without a start.
 */
export function boundedLeastSquares(
  problem: LeastSquaresProblem,
  starts: readonly (readonly number[])[],
): LeastSquaresFit {
  const descents = starts.map((start) => levenbergMarquardt(problem, start));
  const best = descents.reduce<Descent | null>((least, descent) => {
    if (least === null || !Number.isFinite(least.sumOfSquares)) return descent;
    return descent.sumOfSquares < least.sumOfSquares ? descent : least;
  }, null);
  if (best === null) throw new RangeError('least squares without a start');
  const { sumOfSquares, cosine, free } = best;
  const rounding = exactShare * product(problem.observed, problem.observed);
  const fitted = [...best.parameters.keys()].filter(
    (index) => (problem.lower[index] ?? -Infinity) < (problem.upper[index] ?? Infinity),
  );
  const degreesOfFreedom = problem.observed.length - fitted.length;
  const residualStandardError = degreesOfFreedom > 0 ? Math.sqrt(sumOfSquares / degreesOfFreedom) : null;
  return {
    parameters: [...best.parameters],
    sumOfSquares,
    degreesOfFreedom,
    residualStandardError,
    residuals: [...best.residuals],
    free,
    standardErrors: standardErrors(best, residualStandardError),
    certificate: {
      converged: Number.isFinite(sumOfSquares) && (sumOfSquares <= rounding || cosine <= vanishingCosine),
      cosine,
      starts: starts.length,
      agreeing: descents.filter((descent) => descent.sumOfSquares <= sumOfSquares * (1 + sameShare) + rounding).length,
    },
  };
}

const vanishingCosine = 1e-6;
/** Sums of squares that differ by less are one minimum. */
const sameShare = 1e-8;
/** Residuals of the size of rounding: the curve passes through all observations. */
const exactShare = 1e-24;
/** A parameter's derivatives that lie in the span of the others' up to this sine are not told from them. */
const indistinguishable = 1e-12;

/** Square roots of the diagonal of s² (JᵀJ)⁻¹ for the free parameters, J's columns taken at length 1. */
function standardErrors({ gradients, free }: Descent, scatter: number | null): (number | null)[] {
  const moving = gradients.flatMap((_, index) => (free[index] === true ? [index] : []));
  const sizes = gradients.map((column) => Math.sqrt(product(column, column)));
  const columns = moving.map((index) =>
    (gradients[index] ?? new Float64Array()).map((value) => value / (sizes[index] ?? 0)),
  );
  const rows = gradients[0]?.length ?? 0;
  const errors = gradients.map((): number | null => null);
  if (scatter === null || rows < moving.length) return errors;
  const diagonal = triangularize(columns, new Float64Array(rows));
  if (!diagonal.every((entry) => Math.abs(entry) > indistinguishable)) return errors;
  const variances = new Float64Array(moving.length);
  for (const unit of moving.keys()) {
    const right = new Float64Array(moving.length);
    right[unit] = 1;
    for (const [row, value] of solveTriangle(columns, diagonal, right).entries())
      variances[row] = (variances[row] ?? 0) + value ** 2;
  }
  for (const [place, index] of moving.entries())
    errors[index] = (scatter * Math.sqrt(variances[place] ?? 0)) / (sizes[index] ?? 0);
  return errors;
}
