import { normalQuantile } from './normal-quantile.ts';
import { waysByDoubledU } from './ways-by-doubled-u.ts';

/**
 * How many pairs of a value of each sample may at most stand the unexpected way round for a Mann–Whitney test without ties
 * to reject, plus one: the largest k with P(U ≤ k − 1) ≤ alpha / 2, and 0 where even U = 0 is likelier. Above 10,000 pairs by
 * the normal approximation.
 */
export function pairsOutside(first: number, second: number, alpha: number): number {
  const pairs = first * second;
  if (pairs > mostPairs) {
    const spread = Math.sqrt((pairs * (first + second + 1)) / 12);
    return Math.max(0, Math.floor(pairs / 2 + normalQuantile(alpha / 2) * spread));
  }
  const ways = waysByDoubledU(
    Array.from({ length: first + second }, () => 1),
    first,
    second,
  );
  const all = ways.reduce((sum, count) => sum + count, 0);
  let lower = 0;
  for (let u = 0; 2 * u < ways.length; u++) {
    lower += ways[2 * u] ?? 0;
    if (lower > (alpha / 2) * all) return u;
  }
  return pairs;
}

const mostPairs = 10_000;
