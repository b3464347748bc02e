import type { Analysis } from '../../analysis/analysis.ts';
import { sayCollector } from '../wording.ts';

/**
 * Why something of the target is not known, from what its collectors said: "Prometheus metrics failed: connection
 * refused". Falls back to what would have to be given.
 */
export function whyMissing({ detail }: Analysis, collectors: readonly string[], give: string): string {
  const reasons = detail.coverage
    .filter(({ collector }) => collectors.includes(collector))
    .flatMap(({ collector, status, reason, readings }) => {
      if (status !== 'captured') return [`${sayCollector(collector)}: ${reason ?? status}`];
      return [readings === 0 ? `${sayCollector(collector)}: no reading` : `${sayCollector(collector)} did not have it`];
    });
  return reasons.length === 0 ? give : [...new Set(reasons)].join('; ');
}
