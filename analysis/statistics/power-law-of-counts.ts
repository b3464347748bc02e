import { normalQuantile } from './normal-quantile.ts';
import { studentTQuantile } from './student-t.ts';

/** What was counted at a load. */
export interface CountAtLoad {
  /** Need not be whole where what was counted was scaled. */
  readonly count: number;
  /** What the count is of: it is expected to grow with it, such as requests. */
  readonly exposure: number;
  /** Above 0. */
  readonly load: number;
}

/** count / exposure = scale × load^exponent. */
export interface PowerLaw {
  readonly exponent: number;
  /** Logarithm of count per exposure at `meanLogLoad`, where its error and that of the exponent do not depend on each other. */
  readonly logRatio: number;
  readonly meanLogLoad: number;
  /** All that was counted: 1 / the variance of `logRatio`. */
  readonly count: number;
  /** Of the logarithms of the loads, weighted by what was expected: 1 / (count × spread) is the variance of the exponent. */
  readonly spread: number;
  /** Pearson's χ² over its degrees of freedom: 1 is chance alone, above 1 the counts scatter more (overdispersion). */
  readonly dispersion: number;
  readonly degreesOfFreedom: number;
}

/**
 * A power law through counts: Poisson regression with logarithmic link, log(count) = log(exposure) + a + b·log(load), by
 * maximum likelihood. Against a straight line through logarithms it takes counts of 0 as they are and has no bias where
 * counts are small.
 *
 * For such a law the likelihood has one maximum, where the mean of log(load) over what was counted is that over what is
 * expected; one unknown is left, found by Newton's method between two bounds. Source: McCullagh and Nelder, "Generalized
 * Linear Models", 2nd ed., 6.2. Tested against statsmodels (fixtures/reference/power-law.json) and by its coverage.
 *
 * @returns null for fewer than three counts, where loads are alike, or everything was counted at the lowest load or the highest
 */
export function powerLawOfCounts(points: readonly CountAtLoad[]): PowerLaw | null {
  const used = points.filter(({ exposure, load }) => exposure > 0 && load > 0);
  const count = used.reduce((sum, point) => sum + Math.max(0, point.count), 0);
  if (used.length < 3 || !(count > 0)) return null;
  const logs = used.map(({ load }) => Math.log(load));
  const counted = used.reduce((sum, point, index) => sum + Math.max(0, point.count) * (logs[index] ?? 0), 0) / count;
  const exponent = solve(used, logs, counted);
  if (exponent === null) return null;
  const { mean, variance, expected } = tilted(used, logs, exponent);
  const shares = expected.reduce((sum, share) => sum + share, 0);
  const chiSquare = used.reduce((sum, point, index) => {
    const wanted = (count * (expected[index] ?? 0)) / shares;
    return sum + (Math.max(0, point.count) - wanted) ** 2 / wanted;
  }, 0);
  const degreesOfFreedom = used.length - 2;
  // At the mean of the logarithms the law's value follows from all that was counted.
  const exposure = used.reduce((sum, point, index) => {
    return sum + point.exposure * Math.exp(exponent * ((logs[index] ?? 0) - mean));
  }, 0);
  return {
    exponent,
    logRatio: Math.log(count / exposure),
    meanLogLoad: mean,
    count,
    spread: variance,
    dispersion: chiSquare / degreesOfFreedom,
    degreesOfFreedom,
  };
}

/**
 * Interval of the exponent. Where the counts scatter more than chance explains it is widened by √dispersion and is
 * Student's; it is never narrowed.
 */
export function exponentInterval(law: PowerLaw, confidence: number): { readonly low: number; readonly high: number } {
  const half = criticalOf(law, confidence) / Math.sqrt(law.count * law.spread);
  return { low: law.exponent - half, high: law.exponent + half };
}

/** Count per exposure at a load, with the interval of the law there (not that of a further count). */
export function powerLawAt(
  law: PowerLaw,
  load: number,
  confidence: number,
): { readonly estimate: number; readonly low: number; readonly high: number } {
  const distance = Math.log(load) - law.meanLogLoad;
  const middle = law.logRatio + law.exponent * distance;
  const half = criticalOf(law, confidence) * Math.sqrt((1 + distance ** 2 / law.spread) / law.count);
  return { estimate: Math.exp(middle), low: Math.exp(middle - half), high: Math.exp(middle + half) };
}

function criticalOf({ dispersion, degreesOfFreedom }: PowerLaw, confidence: number): number {
  const probability = (1 + confidence) / 2;
  return dispersion > 1
    ? studentTQuantile(probability, degreesOfFreedom) * Math.sqrt(dispersion)
    : normalQuantile(probability);
}

/** Mean and variance of the logarithms of loads, each weighted by what an exponent expects there. */
function tilted(
  points: readonly CountAtLoad[],
  logs: readonly number[],
  exponent: number,
): { readonly mean: number; readonly variance: number; readonly expected: readonly number[] } {
  // Taken off so that the largest power is 1 and none overflows.
  const largest = Math.max(...logs.map((log) => exponent * log));
  const expected = points.map(({ exposure }, index) => exposure * Math.exp(exponent * (logs[index] ?? 0) - largest));
  const sum = expected.reduce((total, weight) => total + weight, 0);
  const mean = expected.reduce((total, weight, index) => total + weight * (logs[index] ?? 0), 0) / sum;
  const variance =
    expected.reduce((total, weight, index) => total + weight * ((logs[index] ?? 0) - mean) ** 2, 0) / sum;
  return { mean, variance, expected };
}

/** The exponent whose mean is the wanted one: the mean rises with the exponent. Null where none within reason does. */
function solve(points: readonly CountAtLoad[], logs: readonly number[], wanted: number): number | null {
  let [low, high] = [-steepest, steepest];
  if (!(tilted(points, logs, low).mean < wanted && wanted < tilted(points, logs, high).mean)) return null;
  let exponent = 0;
  for (let round = 0; round < mostRounds; round++) {
    const { mean, variance } = tilted(points, logs, exponent);
    if (mean < wanted) low = exponent;
    else high = exponent;
    const step = exponent + (wanted - mean) / variance;
    const next = step > low && step < high ? step : (low + high) / 2;
    if (Math.abs(next - exponent) <= precision) return next;
    exponent = next;
  }
  return exponent;
}

/** Nothing that costs grows by such a power of the load. */
const steepest = 30;
const mostRounds = 200;
const precision = 1e-12;
