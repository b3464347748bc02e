import type { Between } from '../metrics/histogram-series.ts';

/**
 * Whether something known only to lie in a bucket is over its limit. Buckets are coarse (client_golang's end at 0.918 and
 * 10.486 ms), so a limit within a tenth of a bound is decided at that bound, and one well inside a bucket not at all.
 */
export function overLimit({ low, high }: Between, limit: number): 'ok' | 'over' | 'unknown' {
  if (high <= limit * (1 + near)) return 'ok';
  return low >= limit * (1 - near) ? 'over' : 'unknown';
}

const near = 0.1;
