import { gammaln } from 'simple-statistics';

/**
 * The regularized incomplete beta function I_x(a, b): P(X ≤ x) of a beta distribution.
 *
 * Source: continued fraction DLMF 8.17.22, evaluated by Lentz's method as modified by Thompson and Barnett; beyond the
 * mean by the symmetry I_x(a, b) = 1 − I_1−x(b, a). Tested against SciPy (fixtures/reference/beta-quantile.json).
 *
 * @param above 1 − x, given apart because near x = 1 it has digits that 1 − x has lost
 * @throws RangeError unless 0 ≤ x ≤ 1, a > 0 and b > 0.
 */
export function betaProbability(x: number, a: number, b: number, above = 1 - x): number {
  if (!(x >= 0 && x <= 1)) throw new RangeError(`${x} is not in 0 to 1`);
  if (!(a > 0 && b > 0)) throw new RangeError(`beta(${a}, ${b}) is no distribution`);
  if (x === 0) return 0;
  if (above === 0) return 1;
  const logFront = gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log(above);
  return x <= (a + 1) / (a + b + 2)
    ? (Math.exp(logFront) * continuedFraction(x, a, b)) / a
    : 1 - (Math.exp(logFront) * continuedFraction(above, b, a)) / b;
}

function continuedFraction(x: number, a: number, b: number): number {
  let numerator = 1;
  let denominator = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = denominator;
  for (let step = 1; step <= mostSteps; step++) {
    const before = value;
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    for (const coefficient of [even, odd]) {
      denominator = 1 / awayFromZero(1 + coefficient * denominator);
      numerator = awayFromZero(1 + coefficient / numerator);
      value *= denominator * numerator;
    }
    if (Math.abs(value - before) <= Number.EPSILON * Math.abs(value)) return value;
  }
  return value;
}

const mostSteps = 10_000;

function awayFromZero(value: number): number {
  return Math.abs(value) < Number.MIN_VALUE / Number.EPSILON ? Number.MIN_VALUE / Number.EPSILON : value;
}
