import { fitUsl } from '../analysis/models/scalability/fit-usl.ts';
import { type ContestCandidate, modelContest } from '../analysis/models/scalability/model-contest.ts';
import {
  type UslPrediction,
  predictConcurrency,
  predictThroughput,
} from '../analysis/models/scalability/predict-usl.ts';
import { type ScalabilityDoubt, describeDoubt } from '../analysis/models/scalability/scalability-doubt.ts';
import {
  type OpenEstimate,
  type ScalabilityPoint,
  fitConfidence,
} from '../analysis/models/scalability/scalability-point.ts';
import { type Milliseconds, seconds } from '../model/units.ts';

export interface FitWarning {
  readonly code: string;
  readonly message: string;
}

interface Parameter extends OpenEstimate {
  readonly standardError: number | null;
}

/** The document of `fit usl`; null is what could not be told, and a warning says why. */
export interface UslFigures {
  readonly rows: number;
  readonly model: 'usl';
  readonly normalized: boolean;
  readonly parameters: { readonly gamma: Parameter; readonly alpha: Parameter; readonly beta: Parameter } | null;
  readonly peak: { readonly concurrency: OpenEstimate; readonly throughput: OpenEstimate } | null;
  readonly asymptote: OpenEstimate | null;
  readonly residualStandardError: number | null;
  readonly degreesOfFreedom: number | null;
  readonly sumOfSquares: number | null;
  readonly converged: boolean;
  readonly confidence: number;
  readonly method: string;
  readonly predictions: readonly {
    readonly concurrency: number;
    readonly throughput: OpenEstimate | null;
    readonly withinRange: boolean;
  }[];
  readonly inverse: readonly {
    readonly throughput: number;
    readonly concurrency: OpenEstimate | null;
    readonly latencyMs: OpenEstimate | null;
    readonly withinRange: boolean;
  }[];
  readonly warnings: readonly FitWarning[];
}

/** The document of `fit contest`. */
export interface ContestFigures {
  readonly rows: number;
  readonly candidates: readonly ContestCandidate[];
  readonly chosen: string | null;
  readonly knee: { readonly concurrency: OpenEstimate } | null;
  readonly confidence: number;
  readonly method: string;
  readonly warnings: readonly FitWarning[];
}

const method = 'least squares of throughput; profile likelihood, F(1, n − p)';

/**
 * @param at concurrencies to predict throughput at
 * @param latencyAt throughputs, per second, to predict concurrency and latency at
 */
export function uslFigures(
  points: readonly ScalabilityPoint[],
  normalized: boolean,
  at: readonly number[],
  latencyAt: readonly number[],
): UslFigures {
  const fit = fitUsl(points, normalized);
  const nothing = {
    rows: points.length,
    model: 'usl',
    normalized,
    parameters: null,
    peak: null,
    asymptote: null,
    residualStandardError: null,
    degreesOfFreedom: null,
    sumOfSquares: null,
    converged: false,
    confidence: fitConfidence,
    method,
  } as const;
  if (fit.status === 'refused')
    return {
      ...nothing,
      predictions: at.map((concurrency) => ({ concurrency, throughput: null, withinRange: false })),
      inverse: latencyAt.map((throughput) => ({ throughput, concurrency: null, latencyMs: null, withinRange: false })),
      warnings: fit.reasons.map(warningOf),
    };
  const { gamma, alpha, beta, peak, asymptote, residualStandardError, degreesOfFreedom, sumOfSquares, curve } = fit;
  const predicted = at.map((concurrency) => ({ concurrency, ...predictThroughput(curve, concurrency) }));
  const inverted = latencyAt.map((throughput) => ({ throughput, ...predictConcurrency(curve, throughput) }));
  const refusals = [...predicted, ...inverted].flatMap((each) => (each.status === 'refused' ? [each.reason] : []));
  return {
    ...nothing,
    parameters: { gamma, alpha, beta },
    peak,
    asymptote,
    residualStandardError,
    degreesOfFreedom,
    sumOfSquares,
    converged: fit.certificate.converged,
    predictions: predicted.map((each) => ({
      concurrency: each.concurrency,
      throughput: valueOf(each),
      withinRange: isWithin(each),
    })),
    inverse: inverted.map((each) => ({
      throughput: each.throughput,
      concurrency: valueOf(each),
      latencyMs: latencyOf(valueOf(each), each.throughput),
      withinRange: isWithin(each),
    })),
    warnings: [...fit.doubts, ...refusals].map(warningOf),
  };
}

export function contestFigures(points: readonly ScalabilityPoint[]): ContestFigures {
  const contest = modelContest(points);
  const common = { rows: points.length, confidence: fitConfidence, method: `AICc; ${method}` };
  if (contest.status === 'refused')
    return { ...common, candidates: [], chosen: null, knee: null, warnings: contest.reasons.map(warningOf) };
  const { candidates, chosen, knee, doubts } = contest;
  return {
    ...common,
    candidates,
    chosen,
    knee: knee === null ? null : { concurrency: knee },
    warnings: doubts.map(warningOf),
  };
}

const warningOf = (doubt: ScalabilityDoubt): FitWarning => ({ code: doubt.code, message: describeDoubt(doubt, 'row') });

const valueOf = (prediction: UslPrediction): OpenEstimate | null =>
  prediction.status === 'predicted' ? prediction.value : null;

const isWithin = (prediction: UslPrediction): boolean => prediction.status === 'predicted' && prediction.withinRange;

/** Little's law: time there = jobs there / jobs per second. */
function latencyOf(concurrency: OpenEstimate | null, throughput: number): OpenEstimate | null {
  if (concurrency === null) return null;
  const latency = (jobs: number): Milliseconds => seconds(jobs / throughput);
  return {
    estimate: latency(concurrency.estimate),
    low: concurrency.low === null ? null : latency(concurrency.low),
    high: concurrency.high === null ? null : latency(concurrency.high),
  };
}
