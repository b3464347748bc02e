import type { Plan } from '../../model/plan.ts';
import { type Ratio, ratio } from '../../model/units.ts';
import type { TargetAnalysis } from '../analysis.ts';
import type { StageValidity } from './stage-validity.ts';
import type { TargetFigures } from './target-figures.ts';

/** Processors that the target uses of those that it may use; null where one of them is not known. */
export function processorUse({ cpuCores, cpuCoresAvailable }: TargetAnalysis): Ratio | null {
  return cpuCores === null || cpuCoresAvailable === null ? null : ratio(cpuCores / cpuCoresAvailable);
}

/** Whether the processors that the target may use were busier than the limit, less than half of it by the target itself. */
export function busyWithOthers(figures: TargetFigures | null, limit: Ratio): boolean {
  const { hostCpuShare = null } = figures ?? {};
  if (figures === null || hostCpuShare === null || hostCpuShare <= limit) return false;
  const own = processorUse(figures.target);
  return own === null || own < hostCpuShare / 2;
}

export interface BusyHost {
  readonly stage: number;
  readonly share: Ratio;
  readonly own: Ratio | null;
}

/**
 * Where other programs kept the processors busy at the lowest load that is judged already: that is no sign of the load,
 * which can only be seen to make them busy from there on. Null where they did not, or nothing is known of it.
 */
export function busyBeforeLoad(
  { loadProfile, limits }: Plan,
  targets: readonly TargetFigures[],
  validity: readonly StageValidity[],
): BusyHost | null {
  const [lowest] = loadProfile.stages
    .map((stage, index) => ({ ...stage, index, load: 'users' in stage ? stage.users : stage.startPerSecond }))
    .filter(({ kind, index }) => kind === 'hold' && validity[index]?.status === 'valid')
    .toSorted((one, other) => one.load - other.load);
  const figures = lowest === undefined ? null : (targets[lowest.index] ?? null);
  if (lowest === undefined || figures?.hostCpuShare == null || !busyWithOthers(figures, limits.cpu)) return null;
  return { stage: lowest.index, share: figures.hostCpuShare, own: processorUse(figures.target) };
}
