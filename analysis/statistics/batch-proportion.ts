import { momentsOf } from './moments.ts';
import { normalQuantile } from './normal-quantile.ts';
import { skewedMeanInterval } from './skewed-mean-interval.ts';
import { studentTQuantile } from './student-t.ts';
import { wilsonInterval } from './wilson-interval.ts';

export interface Batch {
  readonly hits: number;
  readonly trials: number;
}

/**
 * A share of all trials, such as the requests that were late, with an interval that takes the dependence of neighbours
 * into account: the spread between batches of consecutive time gives the number of independent trials that all of them
 * are worth (never more than there are); Wilson's interval with that number and Student's t, or the batch-mean interval
 * of `skewedMeanInterval`, whichever end lies farther out.
 *
 * Null without trials. Where nothing or everything was hit, batches can't show dependence and independence is assumed.
 */
export function batchProportion(
  batches: readonly Batch[],
  confidence: number,
): { readonly estimate: number; readonly low: number; readonly high: number; readonly effectiveTrials: number } | null {
  const filled = batches.filter((batch) => batch.trials > 0);
  const trials = filled.reduce((sum, batch) => sum + batch.trials, 0);
  if (trials === 0) return null;
  const estimate = filled.reduce((sum, batch) => sum + batch.hits, 0) / trials;
  if (estimate <= 0 || estimate >= 1 || filled.length < 2) {
    const known = estimate <= 0 || estimate >= 1;
    // A single batch shows no spread at all: as uncertain as one degree of freedom can make it.
    const critical = known ? normalQuantile((1 + confidence) / 2) : studentTQuantile((1 + confidence) / 2, 1);
    return {
      estimate,
      ...wilsonInterval(Math.min(1, Math.max(0, estimate)), trials, critical),
      effectiveTrials: trials,
    };
  }
  const mean = trials / filled.length;
  const excess = filled.map((batch) => batch.hits - estimate * batch.trials);
  const { variance, lag1 } = momentsOf(excess);
  const dependence = Math.min(Math.max(lag1, 0), strongestDependence);
  const between = ((variance / filled.length) * ((1 + dependence) / (1 - dependence))) / mean ** 2;
  const independent = (estimate * (1 - estimate)) / trials;
  const effectiveTrials = trials * Math.min(1, independent / Math.max(between, Number.MIN_VALUE));
  const wilson = wilsonInterval(estimate, effectiveTrials, studentTQuantile((1 + confidence) / 2, filled.length - 1));
  const skewed = skewedMeanInterval(excess, confidence, independent * mean ** 2);
  return {
    estimate,
    low: Math.max(0, Math.min(wilson.low, estimate + skewed.low / mean)),
    high: Math.min(1, Math.max(wilson.high, estimate + skewed.high / mean)),
    effectiveTrials,
  };
}

const strongestDependence = 0.9;
