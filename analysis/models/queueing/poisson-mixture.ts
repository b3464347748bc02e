/**
 * Σ P(N = n) f(n) for a Poisson number N with the given mean. The weights start at the mode and are multiplied
 * outwards until they no longer count, then normalised by their own sum, so no factorial is needed and a mean of a
 * million is as good as one of 1.
 *
 * @param value from 0 to 1
 */
export function poissonMixture(value: (count: number) => number, mean: number): number {
  const mode = Math.floor(mean);
  let total = 1;
  let sum = value(mode);
  for (let count = mode + 1, weight = 1; ; count++) {
    weight *= mean / count;
    if (weight < negligible) break;
    total += weight;
    sum += weight * value(count);
  }
  for (let count = mode, weight = 1; count > 0; count--) {
    weight *= count / mean;
    if (weight < negligible) break;
    total += weight;
    sum += weight * value(count - 1);
  }
  return sum / total;
}

const negligible = 1e-22;
