import type { Estimate } from '../../model/finding.ts';
import { normalQuantile } from './normal-quantile.ts';

/**
 * How often something happened per `per` opportunities, with the interval of a Poisson count by Byar's approximation of
 * its exact limits, which is within a per cent of them from 10 on.
 *
 * Source: Breslow and Day, "Statistical Methods in Cancer Research II", IARC 82 (1987), 2.2. Tested against the exact
 * limits.
 */
export function countRatio(
  count: number,
  opportunities: number,
  { per, confidence }: { readonly per: number; readonly confidence: number },
): Estimate {
  const critical = normalQuantile((1 + confidence) / 2);
  const limit = (of: number, sign: -1 | 1): number =>
    of <= 0 ? 0 : of * (1 - 1 / (9 * of) + (sign * critical) / (3 * Math.sqrt(of))) ** 3;
  const scale = per / opportunities;
  return {
    estimate: count * scale,
    low: limit(count, -1) * scale,
    high: limit(count + 1, 1) * scale,
    confidence,
    method: `${count} of ${Math.round(opportunities)} requests, limits of a Poisson count`,
  };
}
