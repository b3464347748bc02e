import type { Estimate } from '../../model/finding.ts';
import {
  type CountAtLoad,
  type PowerLaw,
  exponentInterval,
  powerLawAt,
  powerLawOfCounts,
} from '../statistics/power-law-of-counts.ts';
import type { Amount } from './function-costs.ts';

/**
 * How a cost per request goes with the rate. innocent: the whole interval of its exponent lies within ±0.2, no doubling of
 * the rate changes it by more than 15 %. growing, falling: the interval is above 0, below 0. inconclusive: neither, or
 * fewer than 300 samples, or no three stages.
 */
export const costTrends = ['growing', 'innocent', 'falling', 'inconclusive'] as const;
export type CostTrend = (typeof costTrends)[number];

/** A cost per request over the rate. */
export interface CostLaw {
  readonly trend: CostTrend;
  /** Why it is inconclusive; null otherwise. */
  readonly reason: string | null;
  /** Of the cost per request over the rate: 0 is the same at each rate, 1 grows as the rate does. Null where not known. */
  readonly exponent: Estimate | null;
  /** χ² of the samples over its degrees of freedom: above 1 they scatter more between stages than chance explains. */
  readonly dispersion: number | null;
  /** Observations behind it, in all stages. */
  readonly samples: number;
  /** Per request in each stage, and how many observations that is made of. */
  readonly stages: readonly { readonly perRequest: number; readonly samples: number }[];
  /** Per request at the target rate; null without an exponent. */
  readonly predicted: Estimate | null;
}

/** A cost in a stage's profile. */
export interface CostAtStage extends Amount {
  /** Requests answered while the profile ran. */
  readonly requests: number;
  readonly ratePerSecond: number;
}

/** Exponents that stand for no growth worth a word: within them, a doubling of the rate changes a cost by at most 15 %. */
export const indifferent = 0.2;
/** Fewer observations than this say nothing of shares or growth. */
export const fewestSamples = 300;
const fewestStages = 3;
export const costConfidence = 0.95;

/**
 * The power law of a cost per request through its stages, and what it means.
 *
 * Costs of other than equal samples (bytes, delays) are counted in samples of their usual weight, Σ variance / Σ value, so
 * that their error is that of the sum.
 *
 * @param atPerSecond where the cost is predicted
 */
export function costLaw(stages: readonly CostAtStage[], atPerSecond: number): CostLaw {
  const law = lawOf(stages);
  const samples = samplesIn(stages);
  const known = {
    samples,
    stages: stages.map((stage) => ({
      perRequest: stage.requests === 0 ? 0 : stage.value / stage.requests,
      samples: samplesOf(stage),
    })),
  };
  if (law === null) {
    const reason =
      new Set(stages.map(({ ratePerSecond }) => ratePerSecond)).size < fewestStages
        ? `${stages.length} of at least ${fewestStages} stages of different rates`
        : 'it was seen at one end of the rates only';
    return { ...known, trend: 'inconclusive', reason, exponent: null, dispersion: null, predicted: null };
  }
  const { fit, weight } = law;
  const { low, high } = exponentInterval(fit, costConfidence);
  const predicted = powerLawAt(fit, atPerSecond, costConfidence);
  const method = `Poisson regression over ${stages.length} stages${fit.dispersion > 1 ? `, widened by the scatter between them (dispersion ${fit.dispersion.toFixed(1)})` : ''}`;
  return {
    ...known,
    ...trendOf(low, high, samples),
    exponent: { estimate: fit.exponent, low, high, confidence: costConfidence, method },
    dispersion: fit.dispersion,
    predicted: {
      estimate: predicted.estimate * weight,
      low: predicted.low * weight,
      high: predicted.high * weight,
      confidence: costConfidence,
      method,
    },
  };
}

/** Whether the exponent is above 0 also where so many were looked at that one of them would be by chance (Bonferroni). */
export function surelyGrows(stages: readonly CostAtStage[], looked: number): boolean {
  const law = lawOf(stages);
  return law !== null && exponentInterval(law.fit, 1 - (1 - costConfidence) / Math.max(1, looked)).low > 0;
}

function lawOf(stages: readonly CostAtStage[]): { readonly fit: PowerLaw; readonly weight: number } | null {
  const { value, variance } = sum(stages);
  if (!(value > 0 && variance > 0)) return null;
  if (new Set(stages.map(({ ratePerSecond }) => ratePerSecond)).size < fewestStages) return null;
  const weight = variance / value;
  const points = stages.map((stage): CountAtLoad => ({
    count: stage.value / weight,
    exposure: stage.requests,
    load: stage.ratePerSecond,
  }));
  const fit = powerLawOfCounts(points);
  return fit === null ? null : { fit, weight };
}

function trendOf(low: number, high: number, samples: number): Pick<CostLaw, 'trend' | 'reason'> {
  if (samples < fewestSamples)
    return { trend: 'inconclusive', reason: `${Math.floor(samples)} samples of at least ${fewestSamples}` };
  if (low >= -indifferent && high <= indifferent) return { trend: 'innocent', reason: null };
  if (low > 0) return { trend: 'growing', reason: null };
  if (high < 0) return { trend: 'falling', reason: null };
  return {
    trend: 'inconclusive',
    reason: `the interval, ${low.toFixed(2)} to ${high.toFixed(2)}, leaves open whether it grows`,
  };
}

const sum = (stages: readonly Amount[]): Amount => ({
  value: stages.reduce((total, { value }) => total + value, 0),
  variance: stages.reduce((total, { variance }) => total + variance, 0),
});

/** Observations behind a sum over stages. */
export const samplesIn = (stages: readonly Amount[]): number => samplesOf(sum(stages));

/** How many equal observations would be as sure. */
export const samplesOf = ({ value, variance }: Amount): number => (variance > 0 ? value ** 2 / variance : 0);
