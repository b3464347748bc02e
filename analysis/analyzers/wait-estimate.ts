import type { Estimate } from '../../model/finding.ts';
import { normalQuantile } from '../statistics/normal-quantile.ts';
import type { ClientWait } from './client-calls.ts';
import { confidence } from './latency-quantiles.ts';

/**
 * Wait per request with its interval: waits are taken to scatter as exponential ones do, so that their sum over n of them
 * has a relative variance of 2 / n.
 */
export function waitEstimate({ perRequestMs, waits }: ClientWait): Estimate {
  const half = normalQuantile((1 + confidence) / 2) * Math.sqrt(2 / Math.max(1, waits));
  return {
    estimate: perRequestMs,
    low: perRequestMs * Math.max(0, 1 - half),
    high: perRequestMs * (1 + half),
    confidence,
    method: `${Math.round(waits)} waits of the block profile, taken to be exponential`,
  };
}
