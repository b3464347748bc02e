import { aic, aicc, akaikeWeights } from '../../statistics/akaike.ts';
import { checkPoints, stageToAdd } from './check-points.ts';
import { type RefusedFit, levelThroughput, openSlope } from './fit-usl.ts';
import { type FittedParameter, alphaEstimate, betaEstimate, fitCurve, gammaEstimate, isExact } from './fitted-curve.ts';
import { fitHardLimit } from './hard-limit.ts';
import type { ScalabilityDoubt, ScalabilityModelName, ScalabilityParameter } from './scalability-doubt.ts';
import type { OpenEstimate, ScalabilityPoint } from './scalability-point.ts';
import type { UslShape } from './usl-curve.ts';

export interface ContestCandidate {
  readonly model: ScalabilityModelName;
  /** Null where the points are too few for its parameters. */
  readonly aicc: number | null;
  readonly deltaAicc: number | null;
  readonly weight: number | null;
  /** Null: the points don't reach what it describes. */
  readonly parameters: Readonly<Partial<Record<ScalabilityParameter, FittedParameter | null>>>;
  readonly sumOfSquares: number;
}

export interface ModelContest {
  readonly status: 'compared';
  /** The most favoured first. */
  readonly candidates: readonly ContestCandidate[];
  /** Null where the points don't tell. */
  readonly chosen: ScalabilityModelName | null;
  /** Where the hard limit's line meets its ceiling, if that model was chosen. */
  readonly knee: OpenEstimate | null;
  readonly doubts: readonly ScalabilityDoubt[];
}

/**
 * Which law the points favour: a straight line, Amdahl's, the Universal Scalability Law or a hard limit, by AICc. The
 * favourite is chosen only if nothing else has support:
 * - another law within 2 of it is a rival, unless it has the favourite as a special case: then its further parameter just
 *   doesn't pay for itself;
 * - with few points AICc's correction alone can decide, however badly the simpler law fits; so the favourite must win by
 *   AIC as well, by 2, or against laws that contain it at all.
 *
 * Sources: Burnham and Anderson, 2002, 2.6; Arnold, "Uninformative parameters and model selection using Akaike's information
 * criterion", Journal of Wildlife Management 74, 2010.
 */
export function modelContest(points: readonly ScalabilityPoint[]): ModelContest | RefusedFit {
  const checked = checkPoints(points, 4);
  if (checked.refusals.length > 0) return { status: 'refused', reasons: checked.refusals };
  const limit = fitHardLimit(points);
  const fitted = [...shapes.map((shape) => curveCandidate(points, shape)), limitCandidate(limit)];
  const least = Math.min(...fitted.map(({ sumOfSquares }) => sumOfSquares));
  const level = levelThroughput(points, least, points.length - 3);
  if (level !== null) return { status: 'refused', reasons: [level] };

  const doubts = [...checked.doubts];
  if (isExact(points, least)) doubts.push({ code: 'exact-fit' });
  const candidates = ranked(points, fitted, doubts);
  const chosen = chosenOf(points, candidates, doubts);
  return { status: 'compared', candidates, chosen, knee: chosen === 'hard-limit' ? limit.knee : null, doubts };
}

function chosenOf(
  points: readonly ScalabilityPoint[],
  candidates: readonly ContestCandidate[],
  doubts: ScalabilityDoubt[],
): ScalabilityModelName | null {
  const [best, ...others] = candidates;
  if (best === undefined) return null;
  const rivals = others.filter((other) => {
    const general = contains(other.model, best.model);
    const ahead = plainCriterion(points, other) - plainCriterion(points, best);
    return ahead < (general ? 0 : tellingDifference) || (!general && (other.deltaAicc ?? Infinity) < tellingDifference);
  });
  if (rivals.length > 0) {
    const models = [best, ...rivals].map(({ model }) => model);
    doubts.push({ code: 'no-winner', models, addStageAt: stageToAdd(points) });
    return null;
  }
  const { gamma } = best.parameters;
  const open = gamma === undefined || gamma === null ? null : openSlope(gamma, points);
  if (open !== null) doubts.push(open);
  return open === null ? best.model : null;
}

function plainCriterion(points: readonly ScalabilityPoint[], { model, sumOfSquares }: Unranked): number {
  return aic(points.length, parameterCounts[model], sumOfSquares, roundingOf(points));
}

function roundingOf(points: readonly ScalabilityPoint[]): number {
  return roundingShare * points.reduce((sum, { throughput }) => sum + throughput ** 2, 0);
}

type Unranked = Pick<ContestCandidate, 'model' | 'parameters' | 'sumOfSquares'>;

const shapes: readonly UslShape[] = ['linear', 'amdahl', 'usl'];
const parameterCounts = { linear: 1, amdahl: 2, usl: 3, 'hard-limit': 2 } as const;
/** Burnham and Anderson: models within 2 of the best have substantial support. */
const tellingDifference = 2;
/** Sums of squares below this share of the throughputs' are rounding. */
const roundingShare = 1e-20;

function curveCandidate(points: readonly ScalabilityPoint[], shape: UslShape): Unranked {
  const curve = fitCurve(points, shape);
  return {
    model: shape,
    parameters: {
      gamma: gammaEstimate(curve),
      ...(shape === 'linear' ? {} : { alpha: alphaEstimate(curve) }),
      ...(shape === 'usl' ? { beta: betaEstimate(curve) } : {}),
    },
    sumOfSquares: curve.fit.sumOfSquares,
  };
}

function limitCandidate({ gamma, ceiling, sumOfSquares }: ReturnType<typeof fitHardLimit>): Unranked {
  return { model: 'hard-limit', parameters: { gamma, ceiling }, sumOfSquares };
}

function ranked(
  points: readonly ScalabilityPoint[],
  fitted: readonly Unranked[],
  doubts: ScalabilityDoubt[],
): readonly ContestCandidate[] {
  const rated = fitted.map((fit) => ({
    ...fit,
    aicc: aicc(points.length, parameterCounts[fit.model], fit.sumOfSquares, roundingOf(points)),
  }));
  const criteria = rated.flatMap((fit) => (fit.aicc === null ? [] : [fit.aicc]));
  const least = Math.min(...criteria);
  const weights = akaikeWeights(criteria);
  for (const { model } of rated.filter((fit) => fit.aicc === null))
    doubts.push({ code: 'model-not-compared', model, rows: points.length });
  return rated
    .map((fit) => ({
      ...fit,
      deltaAicc: fit.aicc === null ? null : fit.aicc - least,
      weight: fit.aicc === null ? null : (weights[criteria.indexOf(fit.aicc)] ?? null),
    }))
    .toSorted((left, right) => (left.deltaAicc ?? Infinity) - (right.deltaAicc ?? Infinity));
}

/** Whether a model has the other as a special case. */
function contains(model: ScalabilityModelName, other: ScalabilityModelName): boolean {
  return other === 'linear' || (model === 'usl' && other === 'amdahl');
}
