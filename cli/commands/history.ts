import { type AnyCommand, anyCommand } from '../any-command.ts';
import { type SubVerb, subVerbCommand } from '../sub-verbs.ts';

/** What can be done with a history: one file each in this folder's `history/`. */
const uses: Readonly<Record<string, SubVerb>> = {
  changes: {
    describe: 'where a series of nightly values changed',
    example: ['history changes --series p99.csv', 'where a series of nightly values changed'],
    load: async () => anyCommand((await import('./history/changes.ts')).historyChangesCommand),
  },
};

export const historyCommand = (args: readonly string[]): Promise<AnyCommand> =>
  subVerbCommand('history', uses, 'is nothing that can be done with a history', args);
