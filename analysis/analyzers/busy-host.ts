import type { Ratio } from '../../model/units.ts';
import type { TargetFigures } from './target-figures.ts';

/**
 * Whether the processors that the target may use were busier than the limit, less than half of it by the target itself.
 * At the lowest load of a run that is no sign of the load: only from there on can it be seen to rise with it.
 */
export function busyWithOthers(figures: TargetFigures | null, limit: Ratio): boolean {
  const { hostCpuShare = null } = figures ?? {};
  if (figures === null || hostCpuShare === null || hostCpuShare <= limit) return false;
  const { cpuCores, cpuCoresAvailable } = figures.target;
  return cpuCores === null || cpuCoresAvailable === null || cpuCores / cpuCoresAvailable < hostCpuShare / 2;
}
