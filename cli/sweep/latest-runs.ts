import { sameSettings } from '../../analysis/sweep/same-settings.ts';
import type { SweepRun } from '../../analysis/sweep/sweep-run.ts';

/** Of runs for the same purpose, cell and repeat the last counts: it was made again. */
export function latestRuns(runs: readonly SweepRun[]): readonly SweepRun[] {
  return runs.filter(
    ({ purpose, settings, repeat }, index) =>
      !runs
        .slice(index + 1)
        .some(
          (later) => later.purpose === purpose && later.repeat === repeat && sameSettings(later.settings, settings),
        ),
  );
}
