import type { ConvergenceCertificate } from '../../statistics/bounded-least-squares.ts';
import { fQuantile } from '../../statistics/f-quantile.ts';
import { checkPoints, stageToAdd } from './check-points.ts';
import {
  type FittedCurve,
  type FittedParameter,
  alphaEstimate,
  betaEstimate,
  curveEstimate,
  fitCurve,
  gammaEstimate,
  isExact,
} from './fitted-curve.ts';
import type { ScalabilityDoubt } from './scalability-doubt.ts';
import { type OpenEstimate, type ScalabilityPoint, fitConfidence, measuredRange } from './scalability-point.ts';
import { uslPeakConcurrency, uslThroughput } from './usl-curve.ts';

/** The Universal Scalability Law through measured points. */
export interface UslFit {
  readonly status: 'fitted';
  readonly curve: FittedCurve;
  readonly gamma: FittedParameter;
  readonly alpha: FittedParameter;
  readonly beta: FittedParameter;
  /** Null without one, or where it lies beyond what may be said of these points. */
  readonly peak: { readonly concurrency: OpenEstimate; readonly throughput: OpenEstimate } | null;
  /** γ / α, the ceiling that contention alone sets; null where α is 0. */
  readonly asymptote: OpenEstimate | null;
  readonly sumOfSquares: number;
  readonly degreesOfFreedom: number;
  readonly residualStandardError: number;
  readonly certificate: ConvergenceCertificate;
  readonly doubts: readonly ScalabilityDoubt[];
}

/** No fit, and why; every reason says what would help. */
export interface RefusedFit {
  readonly status: 'refused';
  readonly reasons: readonly ScalabilityDoubt[];
}

/**
 * Fits X(N) = γN / (1 + α(N − 1) + βN(N − 1)) by least squares of throughput, α and β in 0 to 1. Intervals are 95 % by
 * profile likelihood, so those of the peak carry the uncertainty of γ, and follow its skewness. In the normalized form γ is
 * the mean of the rows with one job and only α and β are fitted.
 *
 * Refused: numbers that are not above 0, too few different concurrencies, rows that don't contradict a throughput that is
 * the same everywhere, and rows that leave γ open (its interval wider than a factor of 10).
 *
 * Fits of public data sets are tested against SciPy, R's usl and published figures (fixtures/reference/scalability-fits.json).
 */
export function fitUsl(points: readonly ScalabilityPoint[], normalized = false): UslFit | RefusedFit {
  const checked = checkPoints(points, normalized ? 3 : 4);
  if (checked.refusals.length > 0) return { status: 'refused', reasons: checked.refusals };
  const given = normalized ? meanOfSingles(points) : null;
  if (normalized && given === null) return { status: 'refused', reasons: [{ code: 'no-single-user-row' }] };

  const curve = fitCurve(points, 'usl', given);
  const { sumOfSquares, degreesOfFreedom, residualStandardError, certificate } = curve.fit;
  if (!certificate.converged || residualStandardError === null)
    return { status: 'refused', reasons: [{ code: 'not-converged' }] };
  const level = levelThroughput(points, sumOfSquares, degreesOfFreedom);
  if (level !== null) return { status: 'refused', reasons: [level] };
  const gamma = gammaEstimate(curve);
  const open = openSlope(gamma, points);
  if (open !== null) return { status: 'refused', reasons: [open] };

  const doubts = [...checked.doubts];
  if (isExact(points, sumOfSquares)) doubts.push({ code: 'exact-fit' });
  for (const parameter of ['alpha', 'beta'] as const) {
    const value = curve[parameter];
    if (value === 0 || value === 1) doubts.push({ code: 'at-bound', parameter, value });
  }
  return {
    status: 'fitted',
    curve,
    gamma,
    alpha: alphaEstimate(curve),
    beta: betaEstimate(curve),
    peak: peakOf(curve, doubts),
    asymptote: asymptoteOf(curve, doubts),
    sumOfSquares,
    degreesOfFreedom,
    residualStandardError,
    certificate,
    doubts,
  };
}

function meanOfSingles(points: readonly ScalabilityPoint[]): number | null {
  const singles = points.filter(({ concurrency }) => concurrency === 1);
  return singles.length === 0 ? null : singles.reduce((sum, { throughput }) => sum + throughput, 0) / singles.length;
}

/**
 * Whether the points contradict a throughput that is the same everywhere, which is the law with α = 1 and β = 0: F test of
 * it against the fit. Null where they do.
 */
export function levelThroughput(
  points: readonly ScalabilityPoint[],
  sumOfSquares: number,
  degreesOfFreedom: number,
): ScalabilityDoubt | null {
  const mean = points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length;
  const round = points.reduce((sum, { throughput }) => sum + (throughput - mean) ** 2, 0);
  const more = points.length - 1 - degreesOfFreedom;
  if (
    round - sumOfSquares >
    (more * fQuantile(fitConfidence, more, degreesOfFreedom) * sumOfSquares) / degreesOfFreedom
  )
    return null;
  const scatter = Math.sqrt(round / (points.length - 1)) / mean;
  return scatter < levelScatter
    ? { code: 'throughput-constant', addStageAt: stageToAdd(points) }
    : { code: 'throughput-unrelated', scatter };
}

/** Values that scatter less than this round their mean are level rather than without relation. */
const levelScatter = 0.1;

/** Why the slope at low load can't be told, or null. */
export function openSlope({ low, high }: OpenEstimate, points: readonly ScalabilityPoint[]): ScalabilityDoubt | null {
  if (low !== null && high !== null && high <= widestSlope * low) return null;
  return { code: 'slope-not-identified', low: low ?? 0, high, addStageAt: stageToAdd(points) };
}

/** An interval wider than this factor says nothing of γ. */
const widestSlope = 10;

function peakOf(curve: FittedCurve, doubts: ScalabilityDoubt[]): UslFit['peak'] {
  const { farthest } = measuredRange(curve.points);
  const at = uslPeakConcurrency(curve.alpha, curve.beta);
  if (curve.beta === 0) {
    doubts.push({ code: 'no-peak' });
    return null;
  }
  if (at > farthest) {
    doubts.push({ code: 'peak-beyond-range', farthest, addStageAt: Math.ceil(farthest) });
    return null;
  }
  const concurrency = curveEstimate(curve, { kind: 'peak-concurrency' }, at, 0, Infinity);
  const height = uslThroughput(curve, at);
  const throughput = curveEstimate(curve, { kind: 'peak-throughput' }, height, curve.givenGamma ?? 0, Infinity);
  if (concurrency.high === null) doubts.push({ code: 'interval-unbounded', quantity: 'the peak’s concurrency' });
  if (throughput.high === null) doubts.push({ code: 'interval-unbounded', quantity: 'the peak’s throughput' });
  return { concurrency, throughput };
}

function asymptoteOf(curve: FittedCurve, doubts: ScalabilityDoubt[]): OpenEstimate | null {
  if (curve.alpha === 0) return null;
  const estimate = curve.gamma / curve.alpha;
  const asymptote = curveEstimate(curve, { kind: 'asymptote' }, estimate, curve.givenGamma ?? 0, Infinity);
  if (asymptote.high === null) doubts.push({ code: 'interval-unbounded', quantity: 'the asymptote gamma / alpha' });
  return asymptote;
}
