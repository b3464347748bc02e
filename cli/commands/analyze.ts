import { relative } from 'node:path';
import { loadRun } from '../../runners/store/load-run.ts';
import { analyzeRun } from '../analyze-run.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCodeOf } from '../exit-code-of.ts';
import type { ExitCode } from '../exit-codes.ts';
import { presentRun } from '../present-run.ts';
import { analyzeSearch } from '../search/analyze-search.ts';
import { findRunOrSearch } from '../search/find-run-or-search.ts';
import { resultOfSaved, withoutTrials } from '../search/result-of-saved.ts';
import { searchExitCode } from '../search/search-exit-code.ts';
import { type SavedSearch, readSearchFolder } from '../search/search-folder.ts';

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
      describe: 'id, unique prefix, folder, or "last"; of a run or a search',
    }),
  run: async ({ run }, context): Promise<ExitCode> => {
    const { kind, folder } = await findRunOrSearch(run, context.runsDirectory);
    if (kind === 'search') return analyzeAgain(await readSearchFolder(folder), context);
    const done = await analyzeRun(await loadRun(folder), folder, 'analyze');
    await presentRun(done, context, 'analyze', null);
    return exitCodeOf(done.analysis);
  },
};

/** All trials of a search as one run, and what was found, as at the search's end. */
async function analyzeAgain(saved: SavedSearch, { terminal }: CommandContext): Promise<ExitCode> {
  const result = resultOfSaved(saved);
  const analyzed = await analyzeSearch(saved, result, 'analyze');
  if (analyzed === null) throw withoutTrials(saved);
  const { rendered, reportFile } = analyzed;
  if (terminal.json) terminal.out(rendered.json('analyze'));
  else terminal.out(rendered.terminal(terminal, relative(process.cwd(), reportFile)));
  if (result.outcome.status === 'aborted') terminal.note(`plimsoll: ${result.outcome.reason}`);
  return searchExitCode(result.figures);
}
