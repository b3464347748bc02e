import type { LatencyHistogram } from '../../model/latency-histogram.ts';
import { type Milliseconds, microseconds, millisecondsOf } from '../../model/units.ts';

/**
 * The filled buckets of a histogram, and nothing else: a second of traffic fills some hundred of the 23,000 buckets of
 * a `LatencyHistogram`, and an analysis holds thousands of seconds. Adds up without loss, as histograms do.
 */
export interface ValueCounts {
  /** Rising; microseconds, the highest value of the bucket. */
  readonly values: Float64Array;
  /** How often each occurred, ≥ 1; of equal length. */
  readonly counts: Float64Array;
  /** Sum of `counts`. */
  readonly total: number;
}

export const noValues: ValueCounts = { values: new Float64Array(0), counts: new Float64Array(0), total: 0 };

export function valueCountsOf(histogram: LatencyHistogram): ValueCounts {
  const values: number[] = [];
  const counts: number[] = [];
  for (const { value, count } of histogram.buckets()) {
    values.push(value);
    counts.push(count);
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts), total: histogram.count };
}

/** Histograms add: each value's count is the sum of its counts in the parts. */
export function mergeValueCounts(parts: readonly ValueCounts[]): ValueCounts {
  const filled = parts.filter((part) => part.total > 0);
  const [only] = filled;
  if (only === undefined) return noValues;
  if (filled.length === 1) return only;
  const sum = new Map<number, number>();
  for (const part of filled) {
    for (const [index, value] of part.values.entries()) {
      sum.set(value, (sum.get(value) ?? 0) + (part.counts[index] ?? 0));
    }
  }
  const values = Float64Array.from(sum.keys()).toSorted();
  const counts = values.map((value) => sum.get(value) ?? 0);
  return { values, counts, total: filled.reduce((total, part) => total + part.total, 0) };
}

/** How many are above the limit. */
export function countAbove(counted: ValueCounts, limit: number): number {
  let above = 0;
  for (let index = counted.values.length - 1; index >= 0 && (counted.values[index] ?? 0) > limit; index--) {
    above += counted.counts[index] ?? 0;
  }
  return above;
}

/**
 * The smallest value v with at least quantile × total of the values ≤ v (inverse of the empirical distribution, Hyndman
 * and Fan's type 1, as `LatencyHistogram.quantile`); null of nothing.
 */
export function quantileOfCounts(counted: ValueCounts, quantile: number): number | null {
  // The tolerance keeps 0.99 × 100 at 99, which in binary is a little more.
  const rank = Math.max(1, Math.ceil(quantile * counted.total - rankTolerance * counted.total));
  let seen = 0;
  for (const [index, value] of counted.values.entries()) {
    seen += counted.counts[index] ?? 0;
    if (seen >= rank) return value;
  }
  return null;
}

const rankTolerance = 1e-12;

/** `quantileOfCounts` of times, in milliseconds. */
export function timeQuantile(counted: ValueCounts, quantile: number): Milliseconds | null {
  const value = quantileOfCounts(counted, quantile);
  return value === null ? null : millisecondsOf(microseconds(value));
}

/** Of all values; null of nothing. */
export function meanOfCounts(counted: ValueCounts): number | null {
  if (counted.total === 0) return null;
  let sum = 0;
  for (const [index, value] of counted.values.entries()) sum += value * (counted.counts[index] ?? 0);
  return sum / counted.total;
}

export function maximumOfCounts(counted: ValueCounts): number | null {
  return counted.values.at(-1) ?? null;
}
