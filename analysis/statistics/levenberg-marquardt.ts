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
    for (let index = 0; index < scale.length; index++)
      scale[index] = Math.max(scale[index] ?? 0, best.lengths[index] ?? 0);
    const trial = pointAt(problem, stepFrom(problem, best, scale, damping));
    const promised = promisedReduction(best, trial.parameters);
    if (Math.abs(promised) <= negligibleShare * best.sumOfSquares && damping <= firstDamping) break;
    if (sameValues(trial.parameters, best.parameters)) break;
    const gain = promised > 0 ? (best.sumOfSquares - trial.sumOfSquares) / promised : 0;
    // What is not a number is not above.
    if (gain > leastGain) {
      damping *= Math.max(1 / 3, 1 - (2 * gain - 1) ** 3);
      growth = 2;
      best = trial;
    } else {
      damping *= growth;
      growth *= 2;
    }
  }
  return { ...polished(problem, best, scale), iterations };
}

/** Plain Gauss–Newton steps as long as they make the slope clearly smaller and the sum of squares no larger. */
function polished(problem: LeastSquaresProblem, from: Point, scale: Float64Array): Point {
  let best = from;
  for (let step = 0; step < mostPolishing && best.cosine > 0; step++) {
    const trial = pointAt(problem, stepFrom(problem, best, scale, 0));
    const better = trial.sumOfSquares <= best.sumOfSquares * (1 + negligibleShare);
    if (!(better && trial.cosine < clearly * best.cosine)) break;
    best = trial;
  }
  return best;
}

const mostIterations = 10_000;
const mostPolishing = 50;
const clearly = 0.9;
const firstDamping = 1e-3;
/** A step is taken if it brings this share of what the linear model promised. */
const leastGain = 1e-4;
/** Below this share of the sum of squares a reduction drowns in rounding. */
const negligibleShare = 1e-12;

interface Point extends Omit<Descent, 'iterations'> {
  /** Of the gradients. */
  readonly lengths: readonly number[];
}

function pointAt(problem: LeastSquaresProblem, parameters: Float64Array): Point {
  const { observed } = problem;
  const values = new Float64Array(observed.length);
  const gradients = Array.from(parameters, () => new Float64Array(observed.length));
  problem.evaluate(parameters, values, gradients);
  const residuals = new Float64Array(observed.length);
  for (let row = 0; row < observed.length; row++) residuals[row] = (observed[row] ?? 0) - (values[row] ?? 0);
  const sumOfSquares = product(residuals, residuals);
  const size = Math.sqrt(sumOfSquares);
  const lengths: number[] = [];
  const free: boolean[] = [];
  let cosine = 0;
  for (let index = 0; index < gradients.length; index++) {
    const column = gradients[index] ?? residuals;
    const value = parameters[index] ?? 0;
    const pull = product(column, residuals);
    const length = Math.sqrt(product(column, column));
    const held =
      pull < 0 ? value <= (problem.lower[index] ?? -Infinity) : pull > 0 && value >= (problem.upper[index] ?? Infinity);
    lengths.push(length);
    free.push(!held);
    if (!held && length * size > 0) cosine = Math.max(cosine, Math.abs(pull) / (length * size));
  }
  // A curve that is not finite here is no better than any other: gains of it compare as false.
  return { parameters, residuals, gradients, sumOfSquares, free, cosine, lengths };
}

/**
 * Where the linear model's sum of squares plus damping · |scale · step|² is least, within bounds: a parameter that would
 * leave them is stopped there, and the others are solved for again.
 */
function stepFrom(problem: LeastSquaresProblem, point: Point, scale: Float64Array, damping: number): Float64Array {
  const { parameters, gradients, free } = point;
  const reached = Float64Array.from(parameters);
  const residuals = Float64Array.from(point.residuals);
  let moving: number[] = [];
  for (let index = 0; index < free.length; index++) if (free[index] === true) moving.push(index);
  for (;;) {
    const step = dampedStep(moving, gradients, residuals, scale, damping);
    const stopped: number[] = [];
    for (let place = 0; place < moving.length; place++) {
      const index = moving[place] ?? 0;
      const wanted = (parameters[index] ?? 0) + (step[place] ?? 0);
      const value = withinBounds(problem, wanted, index);
      reached[index] = value;
      if (value !== wanted) stopped.push(index);
    }
    if (stopped.length === 0 || stopped.length === moving.length) return reached;
    for (const index of stopped) {
      const move = (reached[index] ?? 0) - (parameters[index] ?? 0);
      subtract(residuals, move, gradients[index]);
    }
    moving = moving.filter((index) => !stopped.includes(index));
  }
}

function dampedStep(
  moving: readonly number[],
  gradients: readonly Float64Array[],
  residuals: Float64Array,
  scale: Float64Array,
  damping: number,
): readonly number[] {
  const rows = residuals.length + moving.length;
  const sizes = moving.map((index) => {
    const size = scale[index] ?? 0;
    return size > 0 ? size : 1;
  });
  const columns = moving.map((index, place) => {
    const column = new Float64Array(rows);
    subtract(column, -1 / (sizes[place] ?? 1), gradients[index]);
    column[residuals.length + place] = Math.sqrt(damping);
    return column;
  });
  const right = new Float64Array(rows);
  right.set(residuals);
  const solved = solveTriangle(columns, triangularize(columns, right), right);
  return sizes.map((size, place) => (solved[place] ?? 0) / size);
}

/** By how much the sum of squares would fall if the curve were linear in its parameters. */
function promisedReduction({ parameters, residuals, gradients, sumOfSquares }: Point, to: Float64Array): number {
  const left = Float64Array.from(residuals);
  for (let index = 0; index < gradients.length; index++)
    subtract(left, (to[index] ?? 0) - (parameters[index] ?? 0), gradients[index]);
  return sumOfSquares - product(left, left);
}

function sameValues(left: Float64Array, right: Float64Array): boolean {
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

function subtract(from: Float64Array, factor: number, what: Float64Array | undefined): void {
  if (what === undefined) return;
  for (let row = 0; row < what.length; row++) from[row] = (from[row] ?? 0) - factor * (what[row] ?? 0);
}

function withinBounds({ lower, upper }: LeastSquaresProblem, value: number, index: number): number {
  return Math.min(Math.max(value, lower[index] ?? -Infinity), upper[index] ?? Infinity);
}
