import type { Estimate, VerdictStatus } from '../../model/finding.ts';
import type { Comparison } from '../../model/objective.ts';

export function meets(value: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    default:
      return comparison satisfies never;
  }
}

/**
 * The rule of docs/objectives.md: pass where the whole interval meets the limit, fail where the whole interval misses
 * it, inconclusive where it straddles.
 */
export function decide(
  { low, high }: Pick<Estimate, 'low' | 'high'>,
  comparison: Comparison,
  limit: number,
): VerdictStatus {
  const lowMeets = meets(low, comparison, limit);
  const highMeets = meets(high, comparison, limit);
  if (lowMeets && highMeets) return 'pass';
  return lowMeets || highMeets ? 'inconclusive' : 'fail';
}
