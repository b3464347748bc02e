/**
 * Cuts a list of consecutive seconds into batches of equal length (to one second), at most `most` of
 * them. Ten batches rather than thirty: near saturation the batches must outlast the busy periods,
 * and the interval is longer and truer for it (measured in batch-quantiles.test.ts).
 */
export function splitBatches<T>(seconds: readonly T[], most = 10): readonly (readonly T[])[] {
  const number = Math.min(most, seconds.length);
  const batches: T[][] = [];
  for (let index = 0; index < number; index++) {
    batches.push(
      seconds.slice(Math.floor((index * seconds.length) / number), Math.floor(((index + 1) * seconds.length) / number)),
    );
  }
  return batches;
}
