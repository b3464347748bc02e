import type { ObservedStage } from '../../model/sweep-figures.ts';
import type { SweepRun } from './sweep-run.ts';

/** Index of the hold stage with the highest load, of the runs that have stages: it is the same in all. Null without any. */
export function shownStage(runs: readonly Pick<SweepRun, 'stages'>[]): number | null {
  const stages = runs.find((run) => run.stages.length > 0)?.stages.map(({ observed }) => observed) ?? [];
  const highest = stages.reduce<ObservedStage | null>(
    (most, each) => (most === null || each.load > most.load ? each : most),
    null,
  );
  return highest?.index ?? null;
}

/** Why a run does not count at that stage; null where it does. */
export function whyNot({ outcome, stages }: SweepRun, shown: number | null): string | null {
  const validity = stages.find(({ observed }) => observed.index === shown)?.validity ?? null;
  if (validity?.status === 'valid') return null;
  if (outcome.status !== 'completed') return outcome.reason;
  return validity === null ? 'nothing was measured' : `not valid: ${validity.reasons.join(', ')}`;
}
