import type { Bytes, Milliseconds, PerSecond, Ratio } from './units.ts';

export type Comparison = '<' | '<=' | '>' | '>=';

/**
 * What the service is asked to keep, on every valid hold stage. `endpoint` null means all endpoints together.
 * Denominators (docs/objectives.md): errors = (failed + dropped + in flight at the end) / due; shed = shed / due;
 * within(d) = done no later than d after the due time / due; quantiles are of the response time of done requests.
 */
export type Objective = { readonly endpoint: string | null; readonly comparison: Comparison } & (
  | { readonly kind: 'latency-quantile'; readonly quantile: number; readonly limitMs: Milliseconds }
  | { readonly kind: 'within'; readonly durationMs: Milliseconds; readonly limit: Ratio }
  | { readonly kind: 'errors'; readonly limit: Ratio }
  | { readonly kind: 'shed'; readonly limit: Ratio }
  | { readonly kind: 'throughput'; readonly limitPerSecond: PerSecond }
  | { readonly kind: 'gc-cpu'; readonly limit: Ratio }
  | { readonly kind: 'goroutines'; readonly limit: number }
  | { readonly kind: 'rss'; readonly limitBytes: Bytes }
);
