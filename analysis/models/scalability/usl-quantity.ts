import { eliminateParameter } from '../../statistics/eliminate-parameter.ts';
import type { LeastSquaresProblem } from '../../statistics/least-squares-problem.ts';
import { type Descent, levenbergMarquardt } from '../../statistics/levenberg-marquardt.ts';
import { type UslParameters, uslPeakConcurrency, uslSlowdown } from './usl-curve.ts';

/** Anything that follows from the law's parameters and is asked for with an interval. */
export type UslQuantity =
  | { readonly kind: 'parameter'; readonly name: 'gamma' | 'alpha' | 'beta' }
  | { readonly kind: 'peak-concurrency' }
  | { readonly kind: 'peak-throughput' }
  /** γ / α: what throughput would tend to without coherency cost. */
  | { readonly kind: 'asymptote' }
  | { readonly kind: 'throughput-at'; readonly concurrency: number }
  /** On the rising branch. */
  | { readonly kind: 'concurrency-for'; readonly throughput: number };

/**
 * The least sum of squares among all curves for which the quantity has a value. Solved for one parameter the condition
 * leaves a fit of the others: γ wherever it is free; where it is given, β (or α), whose own bounds then limit α.
 *
 * @param problem the law in γ, α and β
 * @param best the best curve of all, to start from
 */
export function uslProfile(
  problem: LeastSquaresProblem,
  quantity: UslQuantity,
  best: UslParameters,
): (value: number) => number {
  const [least = 0, lowest = 0] = problem.lower;
  const [most = Infinity, highest = 1, ...rest] = problem.upper;
  const gamma = least === most ? least : null;
  const fitted = [best.gamma, best.alpha, best.beta];
  // The next value is close to the last one, and so is its curve.
  let last: readonly number[] = fitted;
  return (value) => {
    const condition = conditionFor(quantity, value, gamma);
    if (condition === null) return Infinity;
    const { place, eliminated, alphaAtMost } = condition;
    const upper = [most, Math.max(lowest, Math.min(highest, alphaAtMost)), ...rest];
    const constrained = eliminateParameter({ ...problem, upper }, place, eliminated);
    const from = (start: readonly number[]): Descent => levenbergMarquardt(constrained, start.toSpliced(place, 1));
    const close = from(last);
    const descent = close.cosine <= vanishingCosine ? close : from(fitted);
    last = [...descent.parameters].toSpliced(place, 0, fitted[place] ?? 0);
    return descent.sumOfSquares;
  };
}

/** Where the slope is smaller than this, the descent from the neighbour's curve has arrived. */
const vanishingCosine = 1e-6;

/** A value of a quantity as one parameter in terms of the others (0: γ, 1: α, 2: β), and the most that α can then be. */
interface Condition {
  readonly place: number;
  readonly eliminated: (parameters: Float64Array, slopes: Float64Array) => number;
  readonly alphaAtMost: number;
}

/** Null where no curve has that value. */
function conditionFor(quantity: UslQuantity, value: number, gamma: number | null): Condition | null {
  switch (quantity.kind) {
    case 'parameter':
      return { place: ['gamma', 'alpha', 'beta'].indexOf(quantity.name), eliminated: () => value, alphaAtMost: 1 };
    case 'peak-concurrency':
      return {
        place: 2,
        eliminated: ([, alpha = 0], slopes) => {
          slopes[1] = -1 / value ** 2;
          return (1 - alpha) / value ** 2;
        },
        alphaAtMost: 1,
      };
    case 'throughput-at':
      return passingThrough(quantity.concurrency, value, gamma);
    case 'concurrency-for':
      return passingThrough(value, quantity.throughput, gamma);
    case 'peak-throughput':
      return gamma === null ? peakOfFreeSlope(value) : peakOfGivenSlope(value, gamma);
    case 'asymptote':
      if (gamma !== null) return gamma > value ? null : { place: 1, eliminated: () => gamma / value, alphaAtMost: 1 };
      return {
        place: 0,
        eliminated: ([, alpha = 0], slopes) => {
          slopes[1] = value;
          return value * alpha;
        },
        alphaAtMost: 1,
      };
    default:
      return quantity satisfies never;
  }
}

function passingThrough(concurrency: number, throughput: number, gamma: number | null): Condition | null {
  if (gamma === null) return slopeThrough(() => concurrency, throughput);
  if (concurrency === 1) return null;
  const slowdown = (gamma * concurrency) / throughput - 1;
  const alphaAtMost = concurrency > 1 ? slowdown / (concurrency - 1) : 1;
  if (alphaAtMost < 0) return null;
  return {
    place: 2,
    eliminated: ([, alpha = 0], slopes) => {
      slopes[1] = -1 / concurrency;
      return (slowdown / (concurrency - 1) - alpha) / concurrency;
    },
    alphaAtMost,
  };
}

/** At the peak, N / slowdown is stationary, so that the peak's own movement adds nothing to the derivatives. */
function peakOfFreeSlope(throughput: number): Condition {
  return slopeThrough(
    (alpha, beta) => Math.max(1, uslPeakConcurrency(alpha, Math.max(beta, Number.EPSILON))),
    throughput,
  );
}

function slopeThrough(concurrencyOf: (alpha: number, beta: number) => number, throughput: number): Condition {
  return {
    place: 0,
    eliminated: ([, alpha = 0, beta = 0], slopes) => {
      const concurrency = concurrencyOf(alpha, beta);
      slopes[1] = (throughput * (concurrency - 1)) / concurrency;
      slopes[2] = throughput * (concurrency - 1);
      return (throughput * uslSlowdown(alpha, beta, concurrency)) / concurrency;
    },
    alphaAtMost: 1,
  };
}

/**
 * The slowdown per job at the peak is α + (1 − α)(2u − u²) with u = 1 / N at the peak; this is γ over the throughput there,
 * and β = (1 − α)u².
 */
function peakOfGivenSlope(throughput: number, gamma: number): Condition | null {
  const perJob = gamma / throughput;
  if (perJob >= 1) return null;
  return {
    place: 2,
    eliminated: ([, alpha = 0], slopes) => {
      const root = Math.sqrt((1 - perJob) / (1 - alpha));
      const inverse = 1 - root;
      slopes[1] = -(inverse ** 2) - inverse * root;
      return (1 - alpha) * inverse ** 2;
    },
    alphaAtMost: perJob,
  };
}
