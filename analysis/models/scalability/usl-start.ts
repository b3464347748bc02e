import { solveTriangle, triangularize } from '../../statistics/orthogonal-triangle.ts';
import type { ScalabilityPoint } from './scalability-point.ts';

/**
 * Where to start a fit of the law, as [γ, α, β] each: the solution of its linear form N / X = (1 + α(N − 1) + βN(N − 1)) / γ
 * with weights X² / N, which to first order are those of throughput; and points spread over what α and β can be.
 */
export function uslStarts(points: readonly ScalabilityPoint[]): readonly (readonly number[])[] {
  const steepest = Math.max(...points.map(({ concurrency, throughput }) => throughput / Math.max(1, concurrency)));
  return [linearStart(points, steepest), ...spread.map(([alpha = 0, beta = 0]) => [steepest, alpha, beta])];
}

/** R's usl begins with the first of these. */
const spread = [
  [0.01, 1e-4],
  [0.1, 0],
  [0.5, 0],
  [0, 1e-6],
  [0.3, 1e-2],
];

function linearStart(points: readonly ScalabilityPoint[], steepest: number): readonly number[] {
  const columns = [
    Float64Array.from(points, ({ concurrency: n, throughput: x }) => x ** 2 / n),
    Float64Array.from(points, ({ concurrency: n, throughput: x }) => ((n - 1) * x ** 2) / n),
    Float64Array.from(points, ({ concurrency: n, throughput: x }) => (n - 1) * x ** 2),
  ];
  const right = Float64Array.from(points, ({ throughput }) => throughput);
  const [constant = 0, alpha = 0, beta = 0] = solveTriangle(columns, triangularize(columns, right), right);
  const gamma = 1 / constant;
  if (!(gamma > 0) || !Number.isFinite(alpha * beta * gamma)) return [steepest, 0, 0];
  return [gamma, alpha * gamma, beta * gamma];
}
