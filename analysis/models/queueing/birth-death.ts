/**
 * Stationary distribution of a birth and death process on the states 0 to n: p(k) ∝ Π up(j − 1) / down(j). The weights
 * start with 1 at their largest and are multiplied outwards from there, so nothing overflows, nothing cancels, and what
 * is too small for a double becomes 0.
 *
 * @param rises `rises[k]` = rate from k to k + 1 over the rate from k + 1 to k, all above 0; n numbers
 * @returns n + 1 probabilities
 */
export function birthDeath(rises: Float64Array): Float64Array {
  const weights = new Float64Array(rises.length + 1);
  let height = 0;
  let highest = 0;
  let mode = 0;
  for (const [index, rise] of rises.entries()) {
    height += Math.log(rise);
    if (height > highest) {
      highest = height;
      mode = index + 1;
    }
  }
  weights[mode] = 1;
  let sum = 1;
  for (let state = mode, weight = 1; state < rises.length && weight > 0; state++) {
    weight *= rises[state] ?? 0;
    weights[state + 1] = weight;
    sum += weight;
  }
  for (let state = mode, weight = 1; state > 0 && weight > 0; state--) {
    weight /= rises[state - 1] ?? Infinity;
    weights[state - 1] = weight;
    sum += weight;
  }
  return weights.map((weight) => weight / sum);
}
