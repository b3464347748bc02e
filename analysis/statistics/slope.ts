import { linearRegression } from 'simple-statistics';

/**
 * Slope of y over x by least squares. Tested against SciPy's `linregress` (fixtures/reference/slope.json).
 *
 * @returns null for fewer than three points or where all x are alike.
 */
export function slope(points: readonly (readonly [x: number, y: number])[]): number | null {
  const [first] = points;
  if (first === undefined || points.length < 3 || points.every(([x]) => x === first[0])) return null;
  // From the first point on: epoch milliseconds squared would eat the digits.
  return linearRegression(points.map(([x, y]) => [x - first[0], y - first[1]])).m;
}
