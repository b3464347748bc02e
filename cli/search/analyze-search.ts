import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Analysis } from '../../analysis/analysis.ts';
import { analyze } from '../../analysis/analyze.ts';
import { type TrialRecord, joinRuns } from '../../analysis/search/join-runs.ts';
import type { RunOutcome } from '../../model/run-record.ts';
import type { SearchFigures } from '../../model/search-figures.ts';
import { composeSearch } from '../../reports/compose/compose-search.ts';
import { searchSuite } from '../../reports/compose/verdict-suite.ts';
import { toJson } from '../../reports/render/to-json.ts';
import { loadRun } from '../../runners/store/load-run.ts';
import { type RenderedRun, renderDocument } from '../render-run.ts';
import type { SavedSearch } from './search-folder.ts';

/** A search in the forms it is shown in. */
export interface AnalyzedSearch {
  readonly analysis: Analysis;
  readonly rendered: RenderedRun;
  readonly reportFile: string;
}

/** What a search found, as its trials tell, and how it ended. */
export interface SearchResult {
  readonly figures: SearchFigures;
  readonly outcome: RunOutcome;
}

/**
 * The trials as one run (join-runs.ts) with what the search found. Null where no trial was made. Writes nothing.
 * @throws UnreadableRun where a trial's record is not as it was written
 */
export async function readSearch(
  { trials, runsDirectory, path }: SavedSearch,
  { figures, outcome }: SearchResult,
): Promise<AnalyzedSearch | null> {
  const records: TrialRecord[] = [];
  for (const { run, target } of trials) records.push({ record: await loadRun(join(runsDirectory, run)), target });
  const [first, ...others] = records;
  if (first === undefined) return null;
  const record = joinRuns([first, ...others]);
  const found = withFound(analyze(record), figures, outcome);
  const analysis = { ...found, runs: trials.map(({ run }) => run) };
  const document = composeSearch(analysis, record.plan, figures);
  return {
    analysis,
    rendered: renderDocument(document, {
      json: (schema) => toJson(analysis, schema, { search: figures }),
      suite: () => searchSuite(analysis, record.plan, figures),
    }),
    reportFile: join(path, 'report.html'),
  };
}

/** The same, written beside the trials as `analysis.json` and `report.html`. */
export async function analyzeSearch(
  search: SavedSearch,
  result: SearchResult,
  verb: string,
): Promise<AnalyzedSearch | null> {
  const analyzed = await readSearch(search, result);
  if (analyzed === null) return null;
  const { rendered, reportFile } = analyzed;
  await writeFile(join(search.path, 'analysis.json'), rendered.json(verb));
  await writeFile(reportFile, await rendered.html());
  return analyzed;
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
