import type { Between, HistogramIncrease } from './histogram-series.ts';

/**
 * Between which two the mean of the squares lies, of what a histogram counted: nothing more is known of a value than its
 * bucket and that all of them have the sum that was counted with them. The least: values in each bucket as near to one
 * common value as its bounds allow. The most: values at the ends of their buckets only, the largest buckets filled from above.
 *
 * @returns null where nothing was counted, no sum is given, or the sum does not fit the counts (a page written while
 *   both still moved); `high` is Infinity where values lie above the last bound.
 */
export function secondMoment({ upperBounds, counts, total, sum }: HistogramIncrease): Between | null {
  if (total === 0 || sum === null) return null;
  const buckets = counts.flatMap((count, index) =>
    count === 0 ? [] : [{ count, low: Math.max(0, upperBounds[index - 1] ?? 0), high: upperBounds[index] ?? Infinity }],
  );
  const least = buckets.reduce((all, { count, low }) => all + count * low, 0);
  const most = buckets.reduce((all, { count, high }) => all + count * high, 0);
  if (sum < least * (1 - rounding) || sum > most * (1 + rounding)) return null;
  const common = commonValue(buckets, sum);
  const low = buckets.reduce((all, each) => all + each.count * clamp(common, each) ** 2, 0) / total;
  return { low, high: buckets.at(-1)?.high === Infinity ? Infinity : atTheEnds(buckets, sum - least) / total };
}

interface Bucket {
  readonly count: number;
  readonly low: number;
  readonly high: number;
}

const rounding = 1e-9;
const clamp = (value: number, { low, high }: Bucket): number => Math.min(Math.max(value, low), high);

/** What all values would be, each held within its bucket, so that their sum is right; buckets rise, so one holds it. */
function commonValue(buckets: readonly Bucket[], sum: number): number {
  for (const [index, { count, low, high }] of buckets.entries()) {
    const below = buckets.slice(0, index).reduce((all, each) => all + each.count * each.high, 0);
    const above = buckets.slice(index + 1).reduce((all, each) => all + each.count * each.low, 0);
    const value = (sum - below - above) / count;
    if (value <= low) return low;
    if (value <= high) return value;
  }
  return buckets.at(-1)?.high ?? 0;
}

/** Squares with values at lower ends, but for `left` of the sum, which lifts values to upper ends, those of large buckets first. */
function atTheEnds(buckets: readonly Bucket[], left: number): number {
  let rest = Math.max(0, left);
  let squares = 0;
  for (const { count, low, high } of buckets.toReversed()) {
    const lifted = Math.min(rest, count * (high - low));
    rest -= lifted;
    // A value that goes from one end to the other gains (low + high) per unit of sum.
    squares += count * low ** 2 + lifted * (low + high);
  }
  return squares;
}
