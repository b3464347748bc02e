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
  let list = parts.filter((part) => part.total > 0);
  // Pairs, then pairs of pairs: each value is copied log2(parts) times, and no map is needed.
  while (list.length > 1) {
    const halved: ValueCounts[] = [];
    for (let index = 0; index < list.length; index += 2)
      halved.push(mergeTwo(list[index] ?? noValues, list[index + 1] ?? noValues));
    list = halved;
  }
  return list[0] ?? noValues;
}

function mergeTwo(left: ValueCounts, right: ValueCounts): ValueCounts {
  if (right.total === 0) return left;
  const values = new Float64Array(left.values.length + right.values.length);
  const counts = new Float64Array(values.length);
  let atLeft = 0;
  let atRight = 0;
  let filled = 0;
  while (atLeft < left.values.length || atRight < right.values.length) {
    const leftValue = left.values[atLeft] ?? Number.POSITIVE_INFINITY;
    const rightValue = right.values[atRight] ?? Number.POSITIVE_INFINITY;
    const value = Math.min(leftValue, rightValue);
    values[filled] = value;
    counts[filled] =
      (leftValue === value ? (left.counts[atLeft++] ?? 0) : 0) +
      (rightValue === value ? (right.counts[atRight++] ?? 0) : 0);
    filled++;
  }
  return { values: values.slice(0, filled), counts: counts.slice(0, filled), total: left.total + right.total };
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
