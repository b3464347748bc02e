import type { LeastSquaresProblem } from './least-squares-problem.ts';

/**
 * The same curve with one parameter replaced by a function of the others, such as the one that gives the curve a certain
 * height somewhere. What remains to be fitted are the others, in their order.
 *
 * @param eliminated gets all parameters (the eliminated one's place holds nothing); returns its value and writes its
 *   derivatives by the others to `slopes`, which come as zeros
 */
export function eliminateParameter(
  problem: LeastSquaresProblem,
  index: number,
  eliminated: (parameters: Float64Array, slopes: Float64Array) => number,
): LeastSquaresProblem {
  const count = problem.lower.length;
  const kept = Array.from({ length: count }, (_, place) => place).filter((place) => place !== index);
  const lost = new Float64Array(problem.observed.length);
  return {
    observed: problem.observed,
    lower: kept.map((place) => problem.lower[place] ?? -Infinity),
    upper: kept.map((place) => problem.upper[place] ?? Infinity),
    evaluate: (parameters, values, gradients) => {
      const all = new Float64Array(count);
      const slopes = new Float64Array(count);
      const columns = gradients.toSpliced(index, 0, lost);
      for (let place = 0; place < kept.length; place++) all[kept[place] ?? 0] = parameters[place] ?? 0;
      all[index] = eliminated(all, slopes);
      problem.evaluate(all, values, columns);
      for (let place = 0; place < count; place++) {
        const slope = slopes[place] ?? 0;
        const column = columns[place];
        if (slope === 0 || place === index || column === undefined) continue;
        for (let row = 0; row < column.length; row++) column[row] = (column[row] ?? 0) + slope * (lost[row] ?? 0);
      }
    },
  };
}
