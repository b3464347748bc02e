import { relative } from 'node:path';
import { loadRun } from '../../runners/store/load-run.ts';
import { readSeries } from '../../runners/store/series-folder.ts';
import { analyzeRun } from '../analyze-run.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCodeOf } from '../exit-code-of.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { findSaved } from '../find-saved.ts';
import { presentRun } from '../present-run.ts';
import { analyzeSearch } from '../search/analyze-search.ts';
import { resultOfSaved, withoutTrials } from '../search/result-of-saved.ts';
import { searchExitCode } from '../search/search-exit-code.ts';
import { type SavedSearch, readSearchFolder } from '../search/search-folder.ts';
import { analyzeSweep } from '../sweep/analyze-sweep.ts';
import { outcomeOfSaved } from '../sweep/outcome-of-saved.ts';
import { sweepExitCode } from '../sweep/sweep-exit-code.ts';
import { type SavedSweep, sweepSeries } from '../sweep/sweep-folder.ts';

interface Flags {
  readonly run: string;
}

export const analyzeCommand: Command<Flags> = {
  examples: [
    ['analyze last', 'the newest run'],
    ['analyze .plimsoll/runs/20261121-091300-orders-1a2b --json', 'as JSON'],
  ],
  flags: (yargs) =>
    yargs.positional('run', {
      type: 'string',
      demandOption: true,
      describe: 'id, unique prefix, folder, or "last"; of a run, a search or a sweep',
    }),
  run: async ({ run }, context): Promise<ExitCode> => {
    const { kind, folder } = await findSaved(run, context.runsDirectory);
    switch (kind) {
      case 'search':
        return searchAgain(await readSearchFolder(folder), context);
      case 'sweep':
        return sweepAgain(await readSeries(sweepSeries, folder), context);
      case 'run': {
        const done = await analyzeRun(await loadRun(folder), folder, 'analyze');
        await presentRun(done, context, 'analyze', null);
        return exitCodeOf(done.analysis);
      }
      default:
        return kind satisfies never;
    }
  },
};

/** All trials of a search as one run, and what was found, as at the search's end. */
async function searchAgain(saved: SavedSearch, { terminal }: CommandContext): Promise<ExitCode> {
  const result = resultOfSaved(saved);
  const analyzed = await analyzeSearch(saved, result, 'analyze');
  if (analyzed === null) throw withoutTrials(saved);
  const { rendered, reportFile } = analyzed;
  if (terminal.json) terminal.out(rendered.json('analyze'));
  else terminal.out(rendered.terminal(terminal, relative(process.cwd(), reportFile)));
  if (result.outcome.status === 'aborted') terminal.note(`plimsoll: ${result.outcome.reason}`);
  return searchExitCode(result.figures);
}

/** All cells of a sweep, as at its end. */
async function sweepAgain(saved: SavedSweep, { terminal }: CommandContext): Promise<ExitCode> {
  const outcome = outcomeOfSaved(saved);
  const { rendered, reportFile, figures } = await analyzeSweep(saved, outcome);
  if (terminal.json) terminal.out(rendered.json('sweep'));
  else terminal.out(rendered.terminal(terminal, relative(process.cwd(), reportFile)));
  if (outcome.status !== 'aborted') return sweepExitCode(figures);
  terminal.note(`plimsoll: ${outcome.reason}`);
  return exitCodes.inconclusive;
}
