import type { RunSample } from '../analysis/comparison/run-sample.ts';
import { sampleOfRun } from '../analysis/comparison/sample-of-run.ts';
import type { RunRecord } from '../model/run-record.ts';
import { findRun } from '../runners/store/find-run.ts';
import { loadRun } from '../runners/store/load-run.ts';
import { UnreadableRun } from '../runners/store/unreadable-run.ts';
import type { Reasons } from '../scenarios/reasons.ts';

/**
 * What `keep` takes of the runs that some arguments mean, one after another, since a record is large. What cannot be read
 * is noted, and so is a run that is given twice: it would count as two.
 *
 * @param seen ids so far, of other arguments too
 */
export async function loadSamples<Kept>(
  where: string,
  names: readonly string[],
  { runsDirectory, reasons, seen }: LoadingRuns,
  keep: (sample: RunSample, record: RunRecord) => Kept,
): Promise<readonly Kept[]> {
  const loaded: Kept[] = [];
  for (const name of names) {
    try {
      const record = await loadRun(await findRun(name, runsDirectory));
      if (seen.has(record.id))
        reasons.add(where, `the run ${record.id} is given twice`, 'name each run once: one run is one observation');
      seen.add(record.id);
      loaded.push(keep(sampleOfRun(record), record));
    } catch (error) {
      if (!(error instanceof UnreadableRun)) throw error;
      reasons.add(where, error.message, error.hint);
    }
  }
  return loaded;
}

export interface LoadingRuns {
  readonly runsDirectory: string;
  readonly reasons: Reasons;
  readonly seen: Set<string>;
}
