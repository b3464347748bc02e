import { fQuantile } from './f-quantile.ts';

/** Ends of an interval; null where the observations leave that end open. */
export interface ProfileInterval {
  readonly low: number | null;
  readonly high: number | null;
}

export interface ProfiledQuantity {
  readonly estimate: number;
  /** What the quantity can be at all: a finite end is part of the interval where nothing speaks against it. */
  readonly least: number;
  readonly most: number;
  /** The least sum of squares among the curves that have this value of the quantity. */
  readonly sumOfSquaresAt: (value: number) => number;
}

/**
 * The profile-likelihood interval of a parameter, or of anything that follows from the parameters: all values with a curve
 * whose sum of squares is at most S (1 + F / d), for the least sum of squares S with d degrees of freedom and the quantile
 * F of F(1, d). Other than estimate ± t · standard error it follows a curved likelihood: it is lopsided where the
 * observations say less of one side, and open where they say nothing.
 *
 * Source: Bates and Watts, Nonlinear Regression Analysis and Its Applications, 1988, 6.1.2. Tested against profiles made by
 * SciPy (fixtures/reference/scalability-fits.json).
 */
export function profileInterval(
  { estimate, least, most, sumOfSquaresAt }: ProfiledQuantity,
  sumOfSquares: number,
  degreesOfFreedom: number,
  confidence: number,
): ProfileInterval {
  if (degreesOfFreedom < 1) return { low: null, high: null };
  const allowed = Math.sqrt((sumOfSquares * fQuantile(confidence, 1, degreesOfFreedom)) / degreesOfFreedom);
  if (allowed === 0) return { low: estimate, high: estimate };
  // Its root is nearly linear in the value, which the search for the end makes use of.
  const excessAt = (value: number): number => Math.sqrt(Math.max(0, sumOfSquaresAt(value) - sumOfSquares)) - allowed;
  return { low: endOf(excessAt, estimate, least, -1), high: endOf(excessAt, estimate, most, 1) };
}

function endOf(excessAt: (value: number) => number, estimate: number, bound: number, direction: 1 | -1): number | null {
  if ((bound - estimate) * direction <= 0) return bound;
  let inside = estimate;
  let step = Math.max(Math.abs(estimate), smallestScale) * firstStep;
  for (let tries = 0; tries < mostTries; tries++) {
    const reached = estimate + direction * step;
    const beyond = (bound - reached) * direction <= 0;
    const value = beyond ? bound : reached;
    const excess = excessAt(value);
    // Written so that what is not a number counts as outside.
    if (!(excess <= 0)) return crossing(excessAt, inside, value);
    if (beyond) return bound;
    inside = value;
    step *= growth;
  }
  return null;
}

/** Where the excess is 0 between a value that is inside and one that is not: false position, Illinois variant. */
function crossing(excessAt: (value: number) => number, inside: number, outside: number): number {
  let [from, to] = [inside, outside];
  let [below, above] = [excessAt(from), excessAt(to)];
  let kept = 0;
  for (let step = 0; step < mostSteps && Math.abs(to - from) > precision * Math.abs(to + from); step++) {
    const share = Number.isFinite(above) ? below / (below - above) : 0.5;
    const value = step % 8 === 7 ? (from + to) / 2 : from + share * (to - from);
    const excess = excessAt(value);
    if (excess <= 0) {
      if (kept === 1) above /= 2;
      [from, below, kept] = [value, excess, 1];
    } else {
      if (kept === -1) below /= 2;
      [to, above, kept] = [value, excess, -1];
    }
    if (excess === 0) break;
  }
  return (from + to) / 2;
}

const firstStep = 0.02;
const growth = 2;
/** 0.02 · 2⁴⁰ times the estimate: nothing was found to speak against it. */
const mostTries = 40;
const mostSteps = 100;
const precision = 1e-11;
/** From where steps begin if the estimate is 0. */
const smallestScale = 1e-9;
