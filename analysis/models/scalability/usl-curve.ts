import type { LeastSquaresProblem } from '../../statistics/least-squares-problem.ts';
import type { ScalabilityPoint } from './scalability-point.ts';

/** γ: throughput of one alone; α: contention, the share that is serial; β: coherency, the cost of each pair. */
export interface UslParameters {
  readonly gamma: number;
  readonly alpha: number;
  readonly beta: number;
}

/**
 * Gunther's Universal Scalability Law: X(N) = γN / (1 + α(N − 1) + βN(N − 1)). With β = 0 it is Amdahl's law, with α = 0
 * as well a straight line.
 *
 * Source: Gunther, Guerrilla Capacity Planning, 2007; with γ estimated: R package usl, from 2.0 on.
 */
export function uslThroughput({ gamma, alpha, beta }: UslParameters, concurrency: number): number {
  return (gamma * concurrency) / uslSlowdown(alpha, beta, concurrency);
}

/** By what factor throughput falls short of a straight line. */
export function uslSlowdown(alpha: number, beta: number, concurrency: number): number {
  return 1 + alpha * (concurrency - 1) + beta * concurrency * (concurrency - 1);
}

/** Where throughput is highest, N = √((1 − α) / β): Infinity where β is 0. */
export function uslPeakConcurrency(alpha: number, beta: number): number {
  return Math.sqrt((1 - alpha) / beta);
}

/** Which of α and β may differ from 0. */
export type UslShape = 'linear' | 'amdahl' | 'usl';

/**
 * The law through points; γ ≥ 0, α and β in 0 to 1, as R's usl has them. Parameters in the order γ, α, β; one that is given
 * has bounds that coincide.
 *
 * @param givenGamma the γ of the normalized form, or null
 */
export function uslProblem(
  points: readonly ScalabilityPoint[],
  shape: UslShape,
  givenGamma: number | null,
): LeastSquaresProblem {
  const concurrencies = Float64Array.from(points, ({ concurrency }) => concurrency);
  return {
    observed: Float64Array.from(points, ({ throughput }) => throughput),
    lower: [givenGamma ?? 0, 0, 0],
    upper: [givenGamma ?? Infinity, shape === 'linear' ? 0 : 1, shape === 'usl' ? 1 : 0],
    evaluate: (parameters, values, gradients) => {
      const [gamma = 0, alpha = 0, beta = 0] = parameters;
      const [byGamma, byAlpha, byBeta] = gradients;
      if (byGamma === undefined || byAlpha === undefined || byBeta === undefined)
        throw new RangeError('three gradients');
      for (let row = 0; row < concurrencies.length; row++) {
        const concurrency = concurrencies[row] ?? 0;
        const share = concurrency / uslSlowdown(alpha, beta, concurrency);
        const value = gamma * share;
        const others = concurrency - 1;
        values[row] = value;
        byGamma[row] = share;
        byAlpha[row] = (-value * share * others) / concurrency;
        byBeta[row] = -value * share * others;
      }
    },
  };
}
