import { type ValueCounts, mergeValueCounts } from '../traffic/value-counts.ts';
import { skewedMeanIntervalAt } from './skewed-mean-interval.ts';
import { studentTQuantile } from './student-t.ts';

/** A quantile with its interval, in the unit of the values; or why there is none. */
export type QuantileEstimate =
  | {
      readonly status: 'estimated';
      readonly estimate: number;
      readonly low: number;
      readonly high: number;
      /** How many independent values the batches are worth beyond the quantile; below ~10 the interval tends to be short. */
      readonly effectiveExceedances: number;
    }
  | { readonly status: 'unknown'; readonly reason: 'too-few-exceedances' | 'too-few-batches' | 'interval-unbounded' };

/** Fewer values than this on either side of a quantile say too little of it. */
export const fewestExceedances = 10;

/**
 * Quantiles of all values, with intervals that stay honest where values depend on one another (queueing): the values
 * come in batches of consecutive time, and a candidate x belongs to the interval of the q-quantile where the batches
 * don't contradict "a share 1 − q is above x": per batch D = (number above x) − (1 − q) · (number of all), and the
 * interval for the mean of D (`skewedMeanInterval`, never shorter than that of independent values) holds 0. The
 * estimate is the quantile of all values together (type 1); histograms merge, quantiles are never averaged.
 *
 * Source: method of non-overlapping batch means for quantiles (Chen and Kelton, "Quantile and tolerance-interval
 * estimation in simulation", EJOR 168, 2006; Alexopoulos et al., Sequest, 2019), inverted as a test.
 * Coverage of nominal 95 % on simulated queues is printed by batch-quantiles.test.ts.
 */
export function batchQuantiles(
  batches: readonly ValueCounts[],
  quantiles: readonly number[],
  confidence: number,
): readonly QuantileEstimate[] {
  const table = tableOf(batches);
  return quantiles.map((quantile) => estimateOf(table, quantile, confidence));
}

interface Table {
  /** All distinct values, rising. */
  readonly values: Float64Array;
  /** Per batch, how many of its values are above values[k]. */
  readonly above: readonly Float64Array[];
  readonly sizes: readonly number[];
  readonly total: number;
}

function tableOf(batches: readonly ValueCounts[]): Table {
  const filled = batches.filter((batch) => batch.total > 0);
  const { values } = mergeValueCounts(filled);
  const above = filled.map((batch) => {
    const counts = new Float64Array(values.length);
    let rest = batch.total;
    let next = 0;
    for (const [index, value] of values.entries()) {
      if (batch.values[next] === value) rest -= batch.counts[next++] ?? 0;
      counts[index] = rest;
    }
    return counts;
  });
  const sizes = filled.map((batch) => batch.total);
  return { values, above, sizes, total: sizes.reduce((sum, size) => sum + size, 0) };
}

function estimateOf(table: Table, quantile: number, confidence: number): QuantileEstimate {
  const { values, above, sizes, total } = table;
  const share = 1 - quantile;
  // The tolerance keeps 1,000 × (1 − 0.99) at 10, which in binary is a little less.
  if (Math.min(share, quantile) * total < fewestExceedances * (1 - tolerance))
    return { status: 'unknown', reason: 'too-few-exceedances' };
  if (sizes.length < 2) return { status: 'unknown', reason: 'too-few-batches' };

  const critical = studentTQuantile((1 + confidence) / 2, sizes.length - 1);
  const independent = (share * quantile * total) / sizes.length ** 2;
  const excess = (index: number): number[] =>
    above.map((counts, batch) => (counts[index] ?? 0) - share * (sizes[batch] ?? 0));
  const possible = (index: number): boolean => {
    const { low, high } = skewedMeanIntervalAt(excess(index), critical, independent);
    return low <= 0 && high >= 0;
  };

  const at = values.findIndex(
    (_, index) => above.reduce((sum, counts) => sum + (counts[index] ?? 0), 0) <= share * total * (1 + tolerance),
  );
  let first = at;
  while (first > 0 && possible(first - 1)) first--;
  let last = at;
  while (last < values.length - 1 && possible(last)) last++;
  if (last === values.length - 1 && possible(last)) return { status: 'unknown', reason: 'interval-unbounded' };

  const spread = excess(at);
  const variance = spread.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, spread.length - 1) / spread.length;
  return {
    status: 'estimated',
    estimate: values[at] ?? Number.NaN,
    low: values[first] ?? Number.NaN,
    high: values[last] ?? Number.NaN,
    effectiveExceedances: share * total * Math.min(1, independent / Math.max(variance, Number.MIN_VALUE)),
  };
}

const tolerance = 1e-9;
