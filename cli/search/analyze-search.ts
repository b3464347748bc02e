import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Analysis } from '../../analysis/analysis.ts';
import { analyze } from '../../analysis/analyze.ts';
import { type TrialRecord, joinRuns } from '../../analysis/search/join-runs.ts';
import type { RunOutcome } from '../../model/run-record.ts';
import type { SearchFigures } from '../../model/search-figures.ts';
import { composeSearch } from '../../reports/compose/compose-search.ts';
import { toJson } from '../../reports/render/to-json.ts';
import { toTerminal } from '../../reports/render/to-terminal.ts';
import { loadRun } from '../../runners/store/load-run.ts';
import type { Terminal } from '../terminal.ts';
import type { EndedSearch } from './carry-out-search.ts';
import type { SearchFolder } from './search-folder.ts';

/** A search that is over, in the forms it is shown in. */
export interface AnalyzedSearch {
  readonly json: string;
  readonly terminal: (terminal: Pick<Terminal, 'colour' | 'width'>, reportPath: string) => string;
  readonly reportFile: string;
}

/**
 * The trials as one run (join-runs.ts) with what the search found, written beside them as `analysis.json` and
 * `report.html`. Null where no trial was made.
 */
export async function analyzeSearch(folder: SearchFolder, ended: EndedSearch): Promise<AnalyzedSearch | null> {
  const records: TrialRecord[] = [];
  for (const { run, target } of folder.trials)
    records.push({ record: await loadRun(join(folder.runsDirectory, run)), target });
  const [first, ...others] = records;
  if (first === undefined) return null;
  const record = joinRuns([first, ...others]);
  const analysis = withFound(analyze(record), ended.figures, outcomeOf(ended));
  const named = { ...analysis, runs: folder.trials.map(({ run }) => run) };
  const document = composeSearch(named, record.plan, ended.figures);
  const json = toJson(named, 'plimsoll/search/1', { search: ended.figures });
  const reportFile = join(folder.path, 'report.html');
  await writeFile(join(folder.path, 'analysis.json'), json);
  await writeFile(reportFile, await (await import('../../reports/render/to-html.ts')).toHtml(document));
  return {
    json,
    terminal: ({ colour, width }, reportPath) => toTerminal(document, { colour, width, reportPath }),
    reportFile,
  };
}

export function outcomeOf({ interrupted, failure }: EndedSearch): RunOutcome {
  if (interrupted)
    return { status: 'aborted', phase: 'load', code: 'interrupted', reason: 'interrupted before the search was over' };
  if (failure === null) return { status: 'completed' };
  return { status: 'failed', phase: failure.phase, reason: failure.message, hint: failure.hint };
}

/** Shares of the water-level up to which the load is green, then yellow, as in a run. */
const levels = { green: 0.7, yellow: 0.85 };

/** The water-level is what the search found, not a bracket of the levels that happened to be tried. */
function withFound(analysis: Analysis, figures: SearchFigures, outcome: RunOutcome): Analysis {
  const { low, high } = figures.boundsPerSecond;
  const status =
    figures.status === 'found' && figures.conclusive
      ? 'pass'
      : figures.status === 'always-overloaded'
        ? 'fail'
        : 'inconclusive';
  return {
    ...analysis,
    outcome,
    capacity: {
      ...analysis.capacity,
      waterLevelPerSecond: low === null ? null : { estimate: low, low, high },
      levels:
        low === null
          ? null
          : { greenPerSecond: levels.green * low, yellowPerSecond: levels.yellow * low, redPerSecond: low },
    },
    verdict: { ...analysis.verdict, status, reasons: figures.reasons },
  };
}
