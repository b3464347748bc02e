import { findRun } from '../../runners/store/find-run.ts';
import { loadRun } from '../../runners/store/load-run.ts';
import { analyzeRun } from '../analyze-run.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../exit-code-of.ts';
import type { ExitCode } from '../exit-codes.ts';
import { presentRun } from '../present-run.ts';

interface Flags {
  readonly run: string;
}

export const analyzeCommand: Command<Flags> = {
  examples: [
    ['analyze last', 'the newest run'],
    ['analyze .plimsoll/runs/20261121-091300-orders-1a2b --json', 'as JSON'],
  ],
  flags: (yargs) =>
    yargs.positional('run', { type: 'string', demandOption: true, describe: 'id, unique prefix, folder, or "last"' }),
  run: async ({ run }, context): Promise<ExitCode> => {
    const folder = await findRun(run, context.runsDirectory);
    const done = await analyzeRun(await loadRun(folder), folder, 'analyze');
    await presentRun(done, context, 'analyze', null);
    return exitCodeOf(done.analysis);
  },
};
