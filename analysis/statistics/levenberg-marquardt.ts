import type { LeastSquaresProblem } from './least-squares-problem.ts';
import { product, solveTriangle, triangularize } from './orthogonal-triangle.ts';

/** Where a descent ended. */
export interface Descent {
  readonly parameters: Float64Array;
  readonly residuals: Float64Array;
  readonly gradients: readonly Float64Array[];
  readonly sumOfSquares: number;
  /** Per parameter: whether it is free to move, rather than held at a bound that the slope pushes it against. */
  readonly free: readonly boolean[];
  /** The largest cosine between the residuals and a free parameter's derivatives: 0 at a minimum, whatever the units. */
  readonly cosine: number;
  readonly iterations: number;
}

/**
 * Least squares within bounds from one start, by Levenberg and Marquardt's method: damped Gauss–Newton steps, each solved
 * by orthogonal triangles and projected onto the bounds; a parameter at a bound is left out while the slope pushes it
 * outwards. Close to the minimum, where sums of squares no longer differ in their digits, a step is taken for a smaller
 * slope instead, so that the parameters become as exact as the arithmetic allows.
 *
 * Sources: Moré, "The Levenberg–Marquardt algorithm: implementation and theory", 1978 (scaling by the largest column norms
 * so far); Nielsen, "Damping parameter in Marquardt's method", 1999; Kanzow, Yamashita and Fukushima, JCAM 172, 2004
 * (projection). Tested on NIST's certified problems.
 */
export function levenbergMarquardt(problem: LeastSquaresProblem, start: readonly number[]): Descent {
  let best = pointAt(
    problem,
    Float64Array.from(start, (value, index) => withinBounds(problem, value, index)),
  );
  const scale = new Float64Array(start.length);
  let damping = firstDamping;
  let growth = 2;
  let iterations = 0;
  for (; iterations < mostIterations && best.cosine > 0; iterations++) {
    for (const [index, column] of best.gradients.entries())
      scale[index] = Math.max(scale[index] ?? 0, Math.sqrt(product(column, column)));
    const step = dampedStep(best, scale, damping);
    const trial = pointAt(
      problem,
      best.parameters.map((value, index) => withinBounds(problem, value + (step[index] ?? 0), index)),
    );
    if (trial.parameters.every((value, index) => value === best.parameters[index])) break;
    const promised = promisedReduction(best, trial.parameters);
    const negligible = promised <= negligibleShare * best.sumOfSquares;
    const gain = (best.sumOfSquares - trial.sumOfSquares) / promised;
    if (negligible ? trial.cosine < best.cosine : gain > leastGain) {
      damping *= Math.max(1 / 3, 1 - (2 * gain - 1) ** 3);
      growth = 2;
      best = trial;
    } else {
      if (negligible && damping < firstDamping) break;
      damping *= growth;
      growth *= 2;
    }
  }
  return { ...best, iterations };
}

const mostIterations = 10_000;
const firstDamping = 1e-3;
/** A step is taken if it brings this share of what the linear model promised. */
const leastGain = 1e-4;
/** Below this share of the sum of squares a reduction drowns in rounding. */
const negligibleShare = 1e-12;

type Point = Omit<Descent, 'iterations'>;

function pointAt(problem: LeastSquaresProblem, parameters: Float64Array): Point {
  const { observed } = problem;
  const values = new Float64Array(observed.length);
  const gradients = Array.from(parameters, () => new Float64Array(observed.length));
  problem.evaluate(parameters, values, gradients);
  const residuals = observed.map((value, index) => value - (values[index] ?? 0));
  const sumOfSquares = product(residuals, residuals);
  const pulls = gradients.map((column) => product(column, residuals));
  const free = pulls.map(
    (pull, index) =>
      !(pull < 0 && (parameters[index] ?? 0) <= (problem.lower[index] ?? -Infinity)) &&
      !(pull > 0 && (parameters[index] ?? 0) >= (problem.upper[index] ?? Infinity)),
  );
  let cosine = 0;
  for (const [index, column] of gradients.entries()) {
    const size = Math.sqrt(product(column, column) * sumOfSquares);
    if (free[index] === true && size > 0) cosine = Math.max(cosine, Math.abs(pulls[index] ?? 0) / size);
  }
  // A curve that is not finite here is no better than any other: gains of it compare as false.
  return { parameters, residuals, gradients, sumOfSquares, free, cosine };
}

/** The step that minimises the linear model's sum of squares plus damping · |scale · step|², free parameters only. */
function dampedStep({ gradients, residuals, free }: Point, scale: Float64Array, damping: number): Float64Array {
  const moving = gradients.flatMap((_, index) => (free[index] === true ? [index] : []));
  const rows = residuals.length + moving.length;
  const columns = moving.map((index, place) => {
    const column = new Float64Array(rows);
    const size = scale[index] ?? 0;
    const divisor = size > 0 ? size : 1;
    for (const [row, value] of (gradients[index] ?? []).entries()) column[row] = value / divisor;
    column[residuals.length + place] = Math.sqrt(damping);
    return column;
  });
  const right = new Float64Array(rows);
  right.set(residuals);
  const solved = solveTriangle(columns, triangularize(columns, right), right);
  const step = new Float64Array(gradients.length);
  for (const [place, index] of moving.entries()) {
    const size = scale[index] ?? 0;
    step[index] = (solved[place] ?? 0) / (size > 0 ? size : 1);
  }
  return step;
}

/** By how much the sum of squares would fall if the curve were linear in its parameters. */
function promisedReduction({ parameters, residuals, gradients, sumOfSquares }: Point, to: Float64Array): number {
  const left = Float64Array.from(residuals);
  for (const [index, column] of gradients.entries()) {
    const step = (to[index] ?? 0) - (parameters[index] ?? 0);
    for (const [row, value] of column.entries()) left[row] = (left[row] ?? 0) - step * value;
  }
  return sumOfSquares - product(left, left);
}

function withinBounds({ lower, upper }: LeastSquaresProblem, value: number, index: number): number {
  return Math.min(Math.max(value, lower[index] ?? -Infinity), upper[index] ?? Infinity);
}
