import jstat from 'jstat';
import { normalQuantile } from './normal-quantile.ts';
import { quantile } from './quantile.ts';
import { studentTQuantile } from './student-t.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The percentile interval of bootstrapped values; for statistics that are about as often too high as too low. */
export function percentileInterval(values: readonly number[], confidence: number): Interval {
  return between(values, (1 - confidence) / 2, (1 + confidence) / 2);
}

/**
 * The percentile interval for few clusters, whose resamples scatter too little: percentiles further out, at the levels that
 * Student's t interval with n − 1 degrees of freedom would have.
 *
 * Source: Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69 (2015), 4.3
 * ("expanded percentile interval").
 *
 * @param clusters how many were resampled, two at least
 * @throws RangeError without values.
 */
export function expandedPercentileInterval(values: readonly number[], clusters: number, confidence: number): Interval {
  const critical = studentTQuantile((1 + confidence) / 2, clusters - 1) * Math.sqrt(clusters / (clusters - 1));
  const beyond = jstat.jStat.normal.cdf(-critical, 0, 1);
  return between(values, beyond, 1 - beyond);
}

/**
 * The bias-corrected and accelerated interval of bootstrapped values: the percentiles moved by how far the estimate is from
 * their middle (z0) and by how its error grows with it (a, from the jackknife).
 *
 * Source: Efron, "Better bootstrap confidence intervals", JASA 82 (1987). Tested against SciPy's `bootstrap`, on its own
 * resamples (fixtures/reference/bootstrap.json).
 *
 * @param leftOut the statistic without each observation in turn; all alike: no acceleration
 * @throws RangeError without values.
 */
export function bcaInterval(
  values: readonly number[],
  estimate: number,
  leftOut: readonly number[],
  confidence: number,
): Interval {
  const below = values.filter((value) => value < estimate).length;
  const equal = values.filter((value) => value === estimate).length;
  const share = (below + equal / 2) / values.length;
  // All values on one side: the correction has no end, and the interval is that of the values' own ends.
  if (share <= 0 || share >= 1) return between(values, 0, 1);
  const bias = normalQuantile(share);
  const acceleration = accelerationOf(leftOut);
  const moved = (probability: number): number => {
    const shifted = bias + normalQuantile(probability);
    return jstat.jStat.normal.cdf(bias + shifted / (1 - acceleration * shifted), 0, 1);
  };
  return between(values, moved((1 - confidence) / 2), moved((1 + confidence) / 2));
}

function accelerationOf(leftOut: readonly number[]): number {
  const mean = leftOut.reduce((sum, value) => sum + value, 0) / leftOut.length;
  const squares = leftOut.reduce((sum, value) => sum + (mean - value) ** 2, 0);
  const cubes = leftOut.reduce((sum, value) => sum + (mean - value) ** 3, 0);
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}

function between(values: readonly number[], from: number, to: number): Interval {
  const [low, high] = [quantile(values, from), quantile(values, to)];
  if (low === null || high === null) throw new RangeError('an interval of no values');
  return { low, high };
}
