import { type PerSecond, perSecond } from '../../model/units.ts';
import type { Batch } from '../statistics/batch-proportion.ts';
import { momentsOf } from '../statistics/moments.ts';

export interface RateBatches {
  readonly rate: PerSecond;
  readonly batches: readonly Batch[];
}

/** Where the share of violations crosses its limit, as far as the trials tell. */
export interface Crossing {
  /** The rate below which the crossing lies with that probability. */
  readonly quantile: (probability: number) => PerSecond;
  /** Probability that the limit is kept at a rate. */
  readonly keeps: (rate: PerSecond) => number;
  /** By how much the counts scatter more than those of independent requests. */
  readonly dispersion: number;
}

/**
 * A local model of the share of violations over the rate: a background of a tenth of the limit, and above it log-odds
 * that are linear in the logarithm of the rate; quasi-binomial. Its two parameters are the rate λ* at which the share
 * crosses its limit and the slope there. All of a grid of them are weighed by their likelihood, with the dispersion
 * estimated from batches of consecutive time, and its uncertainty in the tails (Student's t in place of the normal).
 *
 * How steep the share rises is hard to learn from few trials beside the crossing, so theory helps: what stands in the
 * queue goes away at the speed of the spare capacity, and the slope is about 1 / (1 − λ* / capacity), less where
 * something else limits, up to several times that where the queue itself is what is late (for M/M/c ln P(W > t) falls
 * linearly with the rate). A priori its inverse is uniform over that range: the flatter, the less the trials tell.
 *
 * Trials far above the limit say where the crossing is not, but not how many are late at it: their weight falls with the
 * square of their share.
 *
 * @param limit share of requests that may violate the objective, above 0 and below 1
 * @param capacity the most that the target ever completed per second
 */
export function crossingModel(trials: readonly RateBatches[], limit: number, capacity: number): Crossing {
  const rates = gridRates(trials, limit, capacity);
  const curve = curveOf(limit);
  const points = trials.map((trial) => pointOf(trial, limit));
  const deviances = new Float64Array(rates.length * slopes.length);
  let best = { deviance: Infinity, log: 0, slope: 1 };
  for (const [index, rate] of rates.entries()) {
    const log = Math.log(rate);
    for (const [step, factor] of slopes.entries()) {
      const slope = factor / Math.max(leastSpare, 1 - rate / capacity);
      let deviance = 0;
      for (const point of points) {
        const share = curve(slope * (point.log - log));
        deviance -= 2 * (point.hits * Math.log(share) + point.others * Math.log(1 - share));
      }
      deviances[index * slopes.length + step] = deviance;
      if (deviance < best.deviance) best = { deviance, log, slope };
    }
  }
  const { dispersion, freedom } = scatter(trials, limit, (rate) => curve(best.slope * (Math.log(rate) - best.log)));
  const cumulative = new Float64Array(rates.length);
  let sum = 0;
  for (const index of rates.keys()) {
    for (const [step, factor] of slopes.entries()) {
      const excess = ((deviances[index * slopes.length + step] ?? 0) - best.deviance) / dispersion;
      sum += (1 + excess / freedom) ** (-(freedom + 1) / 2) / factor;
    }
    cumulative[index] = sum;
  }
  return {
    dispersion,
    quantile: (probability) => perSecond(interpolate(cumulative, rates, probability * sum)),
    keeps: (rate) => 1 - interpolate(rates, cumulative, rate) / sum,
  };
}

const gridSteps = 240;
/** The slope as a multiple of 1 / (1 − λ* / capacity), in equal steps of the logarithm. */
const slopes = equalSteps(0.75, 8, 16);
/** Nearer to its capacity than that a target does not say what it is. */
const leastSpare = 0.02;

/**
 * From half the lowest rate that was tried to a little beyond the one at which what exceeds the capacity is as much as may
 * violate: a target that refuses the rest at once keeps its objective up to there.
 */
function gridRates(trials: readonly RateBatches[], limit: number, capacity: number): Float64Array {
  const highest = capacity * Math.max(1 + leastSpare, (1 + leastSpare / 2) / (1 - limit));
  return equalSteps(Math.min(...trials.map(({ rate }) => rate)) / 2, highest, gridSteps);
}

function equalSteps(low: number, high: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, step) => low * (high / low) ** (step / (count - 1)));
}

/** The share of violations by its log-odds relative to those at the crossing. */
function curveOf(limit: number): (relative: number) => number {
  const background = limit / 10;
  const odds = Math.log((limit - background) / (1 - limit));
  return (relative) => Math.min(1 - 1e-9, background + (1 - background) / (1 + Math.exp(-relative - odds)));
}

function pointOf({ rate, batches }: RateBatches, limit: number): { log: number; hits: number; others: number } {
  const hits = batches.reduce((sum, batch) => sum + batch.hits, 0);
  const trials = batches.reduce((sum, batch) => sum + batch.trials, 0);
  const weight = weightOf(shareOf(batches), limit);
  return { log: Math.log(rate), hits: weight * hits, others: weight * (trials - hits) };
}

function shareOf(batches: readonly Batch[]): number {
  const trials = batches.reduce((sum, batch) => sum + batch.trials, 0);
  return trials === 0 ? 0 : batches.reduce((sum, batch) => sum + batch.hits, 0) / trials;
}

const weightOf = (share: number, limit: number): number => Math.min(1, (3 * limit) / Math.max(share, limit)) ** 2;

/** Pearson's dispersion of the batches round the model, at least 1, widened by the autocorrelation of neighbours. */
function scatter(
  trials: readonly RateBatches[],
  limit: number,
  shareAt: (rate: number) => number,
): { readonly dispersion: number; readonly freedom: number } {
  const residuals = trials.flatMap(({ rate, batches }) => {
    const share = shareAt(rate);
    // A single stall far below the crossing, or a collapse far above it, must not count as scatter at the crossing.
    const weight = weightOf(Math.max(share, shareOf(batches)), limit);
    const typical = Math.max(share, limit / 4);
    const scale = Math.sqrt(weight / (typical * (1 - typical)));
    return batches.flatMap((batch) =>
      batch.trials === 0 ? [] : [((batch.hits - share * batch.trials) * scale) / Math.sqrt(batch.trials)],
    );
  });
  const freedom = Math.max(1, residuals.length - 2);
  const raw = residuals.reduce((sum, residual) => sum + residual ** 2, 0) / freedom;
  const lag1 = residuals.length > 2 ? Math.min(strongestDependence, Math.max(0, momentsOf(residuals).lag1)) : 0;
  return { dispersion: Math.max(1, (raw * (1 + lag1)) / (1 - lag1)), freedom };
}

const strongestDependence = 0.9;

/** The value at x of the line through the points (xs, ys), xs rising; beyond its ends, the ends. */
function interpolate(xs: Float64Array, ys: Float64Array, x: number): number {
  const above = xs.findIndex((value) => value >= x);
  if (above === 0) return ys[0] ?? 0;
  if (above === -1) return ys.at(-1) ?? 0;
  const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [xs[above - 1], xs[above], ys[above - 1], ys[above]];
  return x1 > x0 ? y0 + ((y1 - y0) * (x - x0)) / (x1 - x0) : y1;
}
