import { betaProbability } from './beta-probability.ts';

/**
 * Quantile of the beta distribution with its distance from 1, which near 1 has digits of its own.
 *
 * Newton's method on the distribution function, over the logit of x so that both ends keep their digits, held in a
 * bracket that bisection narrows. Tested to 1e-8 against SciPy (fixtures/reference/beta-quantile.json).
 *
 * @throws RangeError unless 0 < probability < 1, a > 0 and b > 0.
 */
export function betaQuantile(
  probability: number,
  a: number,
  b: number,
): { readonly value: number; readonly above: number } {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`probability ${probability} is not between 0 and 1`);
  let low = -widest;
  let high = widest;
  let logit = Math.log(a / b);
  for (let step = 0; step < mostSteps; step++) {
    const excess = betaProbability(logistic(logit), a, b, logistic(-logit)) - probability;
    if (excess > 0) high = logit;
    else low = logit;
    const slope = probabilitySlope(logit, a, b);
    const next = logit - excess / slope;
    const inside = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(inside - logit) <= 2 * Number.EPSILON * Math.max(1, Math.abs(logit))) break;
    logit = inside;
  }
  return { value: logistic(logit), above: logistic(-logit) };
}

/** By a numerical derivative: it steers the steps only, the root is that of the distribution function. */
function probabilitySlope(logit: number, a: number, b: number): number {
  const step = 1e-4;
  const at = (place: number): number => betaProbability(logistic(place), a, b, logistic(-place));
  return (at(logit + step) - at(logit - step)) / (2 * step);
}

const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));
/** The logistic of −700 is still above 0. */
const widest = 700;
const mostSteps = 200;
