import { profileInterval } from '../../statistics/profile-interval.ts';
import { type FittedParameter, isExact } from './fitted-curve.ts';
import { type OpenEstimate, type ScalabilityPoint, fitConfidence } from './scalability-point.ts';

/** Throughput rises in a straight line until a resource is full: X(N) = min(γN, ceiling). */
export interface HardLimitFit {
  readonly gamma: FittedParameter;
  /** Null where the points don't reach it. */
  readonly ceiling: FittedParameter | null;
  /** Where the line meets the ceiling; null where the points don't reach it. */
  readonly knee: OpenEstimate | null;
  readonly sumOfSquares: number;
}

/**
 * The hard limit through points, exactly: whichever points lie on the line and whichever on the ceiling, the best of either
 * is linear, so all splits are tried, and all knees at a point. Intervals are 95 % by profile likelihood.
 */
export function fitHardLimit(points: readonly ScalabilityPoint[]): HardLimitFit {
  const sorted = points.toSorted((left, right) => left.concurrency - right.concurrency);
  const { gamma, ceiling, sumOfSquares } = bestOf(sorted);
  const knee = ceiling / gamma;
  const degreesOfFreedom = points.length - 2;
  const scatter = Math.sqrt(sumOfSquares / degreesOfFreedom);
  const rising = sorted.filter(({ concurrency }) => concurrency <= knee);
  const level = points.length - rising.length;
  const exact = isExact(points, sumOfSquares);
  const estimateOf = (estimate: number, sumOfSquaresAt: (value: number) => number): OpenEstimate => ({
    estimate,
    ...(exact
      ? { low: estimate, high: estimate }
      : profileInterval(
          { estimate, least: 0, most: Infinity, sumOfSquaresAt },
          sumOfSquares,
          degreesOfFreedom,
          fitConfidence,
        )),
  });
  const squares = rising.reduce((sum, { concurrency }) => sum + concurrency ** 2, 0);
  return {
    gamma: {
      ...estimateOf(gamma, (value) => leastOf(sorted, ceilingsFor(sorted, value))),
      standardError: squares > 0 ? scatter / Math.sqrt(squares) : null,
    },
    ceiling:
      level === 0
        ? null
        : {
            ...estimateOf(ceiling, (value) => leastOf(sorted, slopesFor(sorted, value))),
            standardError: scatter / Math.sqrt(level),
          },
    knee: level === 0 ? null : estimateOf(knee, (value) => leastOf(sorted, [throughKnee(sorted, value)])),
    sumOfSquares,
  };
}

/** A line and where it ends. */
interface BrokenLine {
  readonly gamma: number;
  readonly ceiling: number;
}

function bestOf(sorted: readonly ScalabilityPoint[]): BrokenLine & { readonly sumOfSquares: number } {
  const candidates = sorted.flatMap(({ concurrency }, index): BrokenLine[] => [
    { gamma: slopeThrough(sorted.slice(0, index + 1)), ceiling: meanOf(sorted.slice(index + 1)) },
    throughKnee(sorted, concurrency),
  ]);
  const rated = candidates.map((line) => ({ ...line, sumOfSquares: sumOfSquaresOf(sorted, line) }));
  return rated.reduce((best, each) => (each.sumOfSquares < best.sumOfSquares ? each : best));
}

/** What the ceiling may be at best for a given slope: the mean of the points beyond the knee, or at a point of the line. */
function ceilingsFor(sorted: readonly ScalabilityPoint[], gamma: number): readonly BrokenLine[] {
  return sorted.flatMap(({ concurrency }, index) => [
    { gamma, ceiling: meanOf(sorted.slice(index)) },
    { gamma, ceiling: gamma * concurrency },
  ]);
}

function slopesFor(sorted: readonly ScalabilityPoint[], ceiling: number): readonly BrokenLine[] {
  return sorted.flatMap(({ concurrency }, index) => [
    { gamma: slopeThrough(sorted.slice(0, index + 1)), ceiling },
    { gamma: ceiling / concurrency, ceiling },
  ]);
}

function throughKnee(sorted: readonly ScalabilityPoint[], knee: number): BrokenLine {
  const gamma = slopeThrough(
    sorted.map(({ concurrency, throughput }) => ({ concurrency: Math.min(concurrency, knee), throughput })),
  );
  return { gamma, ceiling: gamma * knee };
}

function leastOf(sorted: readonly ScalabilityPoint[], lines: readonly BrokenLine[]): number {
  return Math.min(...lines.map((line) => sumOfSquaresOf(sorted, line)));
}

function sumOfSquaresOf(points: readonly ScalabilityPoint[], { gamma, ceiling }: BrokenLine): number {
  return points.reduce(
    (sum, { concurrency, throughput }) => sum + (throughput - Math.min(gamma * concurrency, ceiling)) ** 2,
    0,
  );
}

/** Of the line through the origin. */
function slopeThrough(points: readonly ScalabilityPoint[]): number {
  const products = points.reduce((sum, { concurrency, throughput }) => sum + concurrency * throughput, 0);
  return products / points.reduce((sum, { concurrency }) => sum + concurrency ** 2, 0);
}

/** Infinity for none: a ceiling that nothing reaches. */
function meanOf(points: readonly ScalabilityPoint[]): number {
  return points.length === 0 ? Infinity : points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length;
}
