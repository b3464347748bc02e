import jstat from 'jstat';

/**
 * Quantile of Student's t distribution: the x with P(T ≤ x) = probability. jstat's inverse is good to about 5e-8; one
 * Newton step on the exact distribution function makes it 1e-8 and better, tested against SciPy
 * (fixtures/reference/student-t.json).
 *
 * @throws RangeError unless 0 < probability < 1 and degreesOfFreedom is a whole number above 0.
 */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`probability ${probability} is not between 0 and 1`);
  if (!Number.isInteger(degreesOfFreedom) || degreesOfFreedom < 1)
    throw new RangeError(`degrees of freedom ${degreesOfFreedom} is not a whole number above 0`);
  const near = jstat.jStat.studentt.inv(probability, degreesOfFreedom);
  const slope = jstat.jStat.studentt.pdf(near, degreesOfFreedom);
  return near - (studentTProbability(near, degreesOfFreedom) - probability) / slope;
}

/** P(T ≤ x) as the finite series for whole degrees of freedom: Abramowitz and Stegun, 26.7.3 and 26.7.4. */
export function studentTProbability(x: number, degreesOfFreedom: number): number {
  const angle = Math.atan(x / Math.sqrt(degreesOfFreedom));
  const square = Math.cos(angle) ** 2;
  const odd = degreesOfFreedom % 2 === 1;
  let term = odd ? Math.cos(angle) : 1;
  let sum = 0;
  for (let power = odd ? 1 : 0; power <= degreesOfFreedom - 2; power += 2) {
    sum += term;
    term *= (square * (power + 1)) / (power + 2);
  }
  const between = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return (1 + between) / 2;
}
