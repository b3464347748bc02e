import { type FittedCurve, curveEstimate } from './fitted-curve.ts';
import type { ScalabilityDoubt } from './scalability-doubt.ts';
import { type OpenEstimate, measuredRange } from './scalability-point.ts';
import { type UslParameters, uslPeakConcurrency, uslThroughput } from './usl-curve.ts';

export type UslPrediction =
  | { readonly status: 'predicted'; readonly value: OpenEstimate; readonly withinRange: boolean }
  | { readonly status: 'refused'; readonly reason: ScalabilityDoubt };

/** Throughput of the mean curve at a concurrency; refused beyond 1.25 times the highest measured. */
export function predictThroughput(curve: FittedCurve, concurrency: number): UslPrediction {
  const { farthest } = measuredRange(curve.points);
  if (concurrency > farthest)
    return { status: 'refused', reason: { code: 'prediction-beyond-range', concurrency, farthest } };
  const throughput = uslThroughput(curve, concurrency);
  const known = curve.givenGamma !== null && concurrency === 1;
  const value = known
    ? { estimate: throughput, low: throughput, high: throughput }
    : curveEstimate(curve, { kind: 'throughput-at', concurrency }, throughput, 0, Infinity);
  return { status: 'predicted', value, withinRange: isWithin(curve, concurrency) };
}

/**
 * Concurrency at which a throughput is reached while it still rises: the smaller root of
 * βxN² − (γ − x(α − β))N + x(1 − α) = 0. Refused above the peak, and beyond 1.25 times the highest measured.
 */
export function predictConcurrency(curve: FittedCurve, throughput: number): UslPrediction {
  const { farthest } = measuredRange(curve.points);
  const concurrency = risingRoot(curve, throughput);
  if (concurrency === null)
    return { status: 'refused', reason: { code: 'inverse-above-peak', throughput, peak: highest(curve) } };
  if (concurrency > farthest)
    return { status: 'refused', reason: { code: 'inverse-beyond-range', throughput, farthest } };
  const value = curveEstimate(curve, { kind: 'concurrency-for', throughput }, concurrency, 0, Infinity);
  return { status: 'predicted', value, withinRange: isWithin(curve, concurrency) };
}

/** Null where the curve never rises so high. */
function risingRoot({ gamma, alpha, beta }: UslParameters, throughput: number): number | null {
  const constant = throughput * (1 - alpha);
  const linear = gamma - throughput * (alpha - beta);
  const discriminant = linear ** 2 - 4 * beta * throughput * constant;
  if (linear <= 0 || discriminant < 0) return null;
  // The form without cancellation, which holds for β = 0 as well.
  return (2 * constant) / (linear + Math.sqrt(discriminant));
}

function highest({ gamma, alpha, beta }: UslParameters): number {
  const peak = uslPeakConcurrency(alpha, beta);
  return Number.isFinite(peak) ? uslThroughput({ gamma, alpha, beta }, peak) : gamma / alpha;
}

function isWithin({ points }: FittedCurve, concurrency: number): boolean {
  const { least, most } = measuredRange(points);
  return concurrency >= least && concurrency <= most;
}
