/** Sample moments of a list: see `momentsOf`. */
export interface Moments {
  readonly mean: number;
  /** Unbiased, divisor n − 1; 0 for fewer than two values. */
  readonly variance: number;
  /** Third central moment estimated without bias, over the standard deviation cubed; 0 for fewer than three values or no spread. */
  readonly skewness: number;
  /** Lag-1 autocorrelation, Σ(x_i − m)(x_i+1 − m) / Σ(x_i − m)²; 0 without spread. */
  readonly lag1: number;
}

/**
 * Mean, variance, skewness and lag-1 autocorrelation of a list in order.
 * Tested against NumPy and SciPy (fixtures/reference/moments.json).
 *
 * @throws RangeError for an empty list.
 */
export function momentsOf(values: readonly number[]): Moments {
  const count = values.length;
  if (count === 0) throw new RangeError('an empty list has no moments');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  let squares = 0;
  let cubes = 0;
  let products = 0;
  for (const [index, value] of values.entries()) {
    const deviation = value - mean;
    squares += deviation ** 2;
    cubes += deviation ** 3;
    products += deviation * ((values[index + 1] ?? mean) - mean);
  }
  const variance = count > 1 ? squares / (count - 1) : 0;
  const third = count > 2 ? (count * cubes) / ((count - 1) * (count - 2)) : 0;
  return {
    mean,
    variance,
    skewness: variance > 0 ? third / variance ** 1.5 : 0,
    lag1: squares > 0 ? products / squares : 0,
  };
}
