import { solveTriangle, triangularize } from './orthogonal-triangle.ts';

export interface LinearTerm {
  /** Its value at each observation. */
  readonly values: readonly number[];
  /** Bounds of its coefficient. */
  readonly lower: number;
  readonly upper: number;
}

export interface LinearFit {
  readonly coefficients: readonly number[];
  readonly sumOfSquares: number;
}

/**
 * The least sum of squares of Σ coefficient · term through the observations, each coefficient within its bounds. Exact: the
 * minimum of a convex problem lies where some coefficients are at a bound and the others are free, and with a few terms
 * all such cases can be tried. Tested against `boundedLeastSquares`.
 *
 * @param weights what an observation's deviation is multiplied with, such as 1 / observed for relative deviations
 * @returns null where the observations don't determine the coefficients, or where something is no finite number
 */
export function boundedLinearLeastSquares(
  observed: readonly number[],
  terms: readonly LinearTerm[],
  weights: readonly number[],
): LinearFit | null {
  const weighted = (values: readonly number[]): Float64Array =>
    Float64Array.from(values, (value, index) => value * (weights[index] ?? 0));
  const target = weighted(observed);
  const columns = terms.map(({ values }) => weighted(values));
  if (![target, ...columns].every((list) => list.every(Number.isFinite))) return null;
  if (observed.length < terms.length || !independent(columns)) return null;
  let best: LinearFit | null = null;
  for (const held of casesOf(terms)) {
    const coefficients = solveFree(target, columns, held);
    if (coefficients === null || !within(coefficients, terms)) continue;
    const sumOfSquares = deviation(target, columns, coefficients);
    if (best === null || sumOfSquares < best.sumOfSquares) best = { coefficients, sumOfSquares };
  }
  return best;
}

/** Every way to hold some of the coefficients at a bound; null is free. */
function casesOf(terms: readonly LinearTerm[]): readonly (readonly (number | null)[])[] {
  return terms.reduce<(number | null)[][]>(
    (cases, { lower, upper }) => {
      const choices = [null, ...[lower, upper].filter(Number.isFinite)];
      return cases.flatMap((held) => choices.map((choice) => [...held, choice]));
    },
    [[]],
  );
}

function solveFree(
  target: Float64Array,
  columns: readonly Float64Array[],
  held: readonly (number | null)[],
): number[] | null {
  const rest = target.map(
    (value, row) => value - columns.reduce((sum, column, index) => sum + (held[index] ?? 0) * (column[row] ?? 0), 0),
  );
  const free = columns.filter((_, index) => held[index] === null).map((column) => Float64Array.from(column));
  const diagonal = triangularize(free, rest);
  const solution = solveTriangle(free, diagonal, rest);
  if (!solution.every(Number.isFinite)) return null;
  let next = 0;
  return held.map((value) => value ?? solution[next++] ?? 0);
}

function within(coefficients: readonly number[], terms: readonly LinearTerm[]): boolean {
  return coefficients.every((value, index) => {
    const { lower, upper } = terms[index] ?? { lower: 0, upper: 0 };
    return value >= lower && value <= upper;
  });
}

function deviation(target: Float64Array, columns: readonly Float64Array[], coefficients: readonly number[]): number {
  return target.reduce((sum, value, row) => {
    const fitted = columns.reduce((total, column, index) => total + (coefficients[index] ?? 0) * (column[row] ?? 0), 0);
    return sum + (value - fitted) ** 2;
  }, 0);
}

/** No column within rounding of a combination of the others. */
function independent(columns: readonly Float64Array[]): boolean {
  const scaled = columns.map((column) => {
    const length = Math.hypot(...column);
    return column.map((value) => value / length);
  });
  const diagonal = triangularize(scaled, new Float64Array(columns[0]?.length ?? 0));
  return diagonal.every((entry) => Math.abs(entry) > indistinguishable);
}

const indistinguishable = 1e-6;
