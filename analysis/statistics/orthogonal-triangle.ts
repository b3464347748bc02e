/**
 * Householder's triangularization: replaces the columns by the upper triangle R of their QR factorization (rows above the
 * diagonal; the rest is used up) and `right` by Qᵀ · right. Unlike the normal equations it does not square the condition.
 *
 * Source: Golub and Van Loan, Matrix Computations, 5.2.
 *
 * @param columns the matrix, column by column, with no fewer rows than columns
 * @returns the diagonal of R
 */
export function triangularize(columns: readonly Float64Array[], right: Float64Array): Float64Array {
  const diagonal = new Float64Array(columns.length);
  for (const [pivot, column] of columns.entries()) {
    const norm = Math.sqrt(productFrom(pivot, column, column));
    const head = column[pivot] ?? 0;
    const entry = head > 0 ? -norm : norm;
    diagonal[pivot] = entry;
    if (entry === 0) continue;
    column[pivot] = head - entry;
    const scale = 1 / (entry * (head - entry));
    for (let later = pivot + 1; later <= columns.length; later++) {
      const other = columns[later] ?? right;
      addFrom(pivot, other, scale * productFrom(pivot, column, other), column);
    }
  }
  return diagonal;
}

/** x with R · x = right, for R as `triangularize` leaves it; not finite where R is singular. */
export function solveTriangle(
  columns: readonly Float64Array[],
  diagonal: Float64Array,
  right: Float64Array,
): Float64Array {
  const solution = right.slice(0, columns.length);
  for (let row = columns.length - 1; row >= 0; row--) {
    const value = (solution[row] ?? 0) / (diagonal[row] ?? 0);
    solution[row] = value;
    const column = columns[row];
    if (column !== undefined)
      for (let above = 0; above < row; above++) solution[above] = (solution[above] ?? 0) - value * (column[above] ?? 0);
  }
  return solution;
}

/** Sum of the products of two lists. */
export function product(left: Float64Array, right: Float64Array): number {
  return productFrom(0, left, right);
}

function productFrom(first: number, left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let index = first; index < left.length; index++) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}

function addFrom(first: number, to: Float64Array, factor: number, what: Float64Array): void {
  for (let index = first; index < to.length; index++) to[index] = (to[index] ?? 0) + factor * (what[index] ?? 0);
}
