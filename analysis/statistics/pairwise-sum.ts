/**
 * A sum with the rounding of NumPy's `sum`: up to 128 values in eight accumulators, more in halves. Needed where a result
 * must be that of a program in Python to the last digit, such as whether a series is constant.
 *
 * Source: the description of pairwise summation in NumPy's manual, and Higham, SIAM J. Sci. Comput. 14 (1993).
 */
export function pairwiseSum(values: ArrayLike<number>, start = 0, end = values.length): number {
  const count = end - start;
  if (count < lanes) return sequentialSum(values, start, end);
  if (count > block) {
    const half = Math.floor(count / 2);
    const middle = start + half - (half % lanes);
    return pairwiseSum(values, start, middle) + pairwiseSum(values, middle, end);
  }
  const whole = end - (count % lanes);
  const lane = (offset: number): number => {
    let sum = values[start + offset] ?? 0;
    for (let at = start + offset + lanes; at < whole; at += lanes) sum += values[at] ?? 0;
    return sum;
  };
  let sum = lane(0) + lane(1) + (lane(2) + lane(3)) + (lane(4) + lane(5) + (lane(6) + lane(7)));
  for (let at = whole; at < end; at++) sum += values[at] ?? 0;
  return sum;
}

const lanes = 8;
const block = 128;

function sequentialSum(values: ArrayLike<number>, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at++) sum += values[at] ?? 0;
  return sum;
}
