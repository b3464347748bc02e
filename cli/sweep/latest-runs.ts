import { sameSettings } from '../../analysis/sweep/same-settings.ts';
import type { SweepRun } from '../../model/sweep-figures.ts';

/** Of runs of the same cell and repeat the last counts: it was made again. */
export function latestRuns(runs: readonly SweepRun[]): readonly SweepRun[] {
  return runs.filter(
    ({ settings, repeat }, index) =>
      !runs.slice(index + 1).some((later) => later.repeat === repeat && sameSettings(later.settings, settings)),
  );
}
