import type { Analysis } from '../analysis/analysis.ts';
import { type ExactNumber, parseExact } from '../analysis/sizing/exact-number.ts';
import { rateText } from '../model/rate-text.ts';
import { findRun } from '../runners/store/find-run.ts';
import { loadRun } from '../runners/store/load-run.ts';
import { readRun } from './analyze-run.ts';

/** What one instance carries with its objectives met. */
export type KnownCapacity =
  | {
      readonly status: 'known';
      readonly perSecond: number;
      readonly exactly: ExactNumber;
      readonly source: string;
      readonly note: string | null;
    }
  | { readonly status: 'unknown'; readonly source: string; readonly reason: string };

/** The lower end of a run's water-level: what was shown to hold. */
export async function capacityOfRun(run: string, runsDirectory: string): Promise<KnownCapacity> {
  const folder = await findRun(run, runsDirectory);
  return waterLevelOf(readRun(await loadRun(folder), folder).analysis);
}

function waterLevelOf({ runs, capacity, detail }: Analysis): KnownCapacity {
  const source = runs[0] ?? 'run';
  const level = capacity.waterLevelPerSecond;
  if (level !== null)
    return {
      status: 'known',
      perSecond: level.low,
      exactly: parseExact(String(level.low)),
      source,
      note:
        level.high === null
          ? 'nothing was missed in that run: an instance may carry more'
          : `the lower end of the water-level, which is below ${rateText(level.high)}`,
    };
  const reason =
    detail.objectives.length === 0
      ? 'it had no objectives, so it has no water-level'
      : 'its water-level is not known: no level of load was shown to meet the objectives';
  return { status: 'unknown', source, reason: `run ${source}: ${reason}` };
}
