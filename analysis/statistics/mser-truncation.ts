/** Values in each of the means that MSER-5 looks at. */
const meanOf = 5;

/**
 * Where the start-up transient of a series ends, by MSER-5: of the means of five values each, the cut (in the first
 * half) after which the squared standard error of the rest, s² / n with s² of divisor n, is the smallest. Counted in
 * values of the series.
 *
 * Source: White, Cobb and Spratt, "A comparison of five steady-state truncation heuristics for simulation",
 * Winter Simulation Conference 2000. Tested against a NumPy transcription (fixtures/reference/mser.json).
 *
 * @returns null where there are fewer than ten means, too few to tell; `settled` is false where the best cut is the last
 *   that was allowed, so that the transient may well be longer.
 */
export function mserTruncation(series: readonly number[]): { readonly cut: number; readonly settled: boolean } | null {
  const means: number[] = [];
  for (let start = 0; start + meanOf <= series.length; start += meanOf) {
    means.push(series.slice(start, start + meanOf).reduce((sum, value) => sum + value, 0) / meanOf);
  }
  if (means.length < fewestMeans) return null;
  const last = Math.floor(means.length / 2);
  let best = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let cut = 0; cut <= last; cut++) {
    const rest = means.slice(cut);
    const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
    const squares = rest.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const error = squares / rest.length ** 2;
    if (error < smallest) {
      smallest = error;
      best = cut;
    }
  }
  return { cut: best * meanOf, settled: best < last };
}

const fewestMeans = 10;
