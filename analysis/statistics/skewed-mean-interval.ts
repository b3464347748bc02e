import { momentsOf } from './moments.ts';
import { studentTQuantile } from './student-t.ts';

/**
 * Interval for the mean of few, dependent and skewed values, such as counts of slow requests per batch near
 * saturation, where most batches have none and one has hundreds:
 * - Student's t with n − 1 degrees of freedom;
 * - widened by the lag-1 autocorrelation r of the values where it is positive, variance × (1 + r) / (1 − r);
 * - its ends moved by Willink's correction for skewness (from five values on; fewer say nothing of their skewness).
 *
 * Sources: Willink, "A confidence interval and test for the mean of an asymmetric distribution", Communications in
 * Statistics 34 (2005); the combination is that of Skart (Tafazzoli and Wilson, IIE Transactions 43, 2011), reduced to
 * fixed batches. Its coverage on simulated queues is tested in batch-quantiles.test.ts.
 *
 * @param floor the variance of the mean is taken to be at least this (that of independent requests)
 */
export function skewedMeanInterval(values: readonly number[], confidence: number, floor = 0): Interval {
  if (values.length < 2) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return skewedMeanIntervalAt(values, studentTQuantile((1 + confidence) / 2, values.length - 1), floor);
}

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** `skewedMeanInterval` for two values and more, with t's quantile given by those who ask a thousand times. */
export function skewedMeanIntervalAt(values: readonly number[], critical: number, floor: number): Interval {
  const count = values.length;
  const { mean, variance, skewness, lag1 } = momentsOf(values);
  const dependence = Math.min(Math.max(lag1, 0), strongestDependence);
  const error = Math.sqrt(Math.max((variance / count) * ((1 + dependence) / (1 - dependence)), floor));
  const shape = count < fewestForSkewness ? 0 : skewness / (6 * Math.sqrt(count));
  return {
    low: mean - corrected(critical, shape) * error,
    high: mean - corrected(-critical, shape) * error,
  };
}

/** Willink's G: the root of the cubic that removes the skewness from the t statistic; the identity where there is none. */
function corrected(critical: number, shape: number): number {
  if (Math.abs(shape) < negligibleShape) return critical;
  return (Math.cbrt(1 + 6 * shape * (critical - shape)) - 1) / (2 * shape);
}

const fewestForSkewness = 5;
/** Below this the cubic loses digits and corrects nothing. */
const negligibleShape = 1e-4;
/** Ten values can't tell an autocorrelation from 1; without a bound the interval would be unbounded. */
const strongestDependence = 0.9;
