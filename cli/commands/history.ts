import { type AnyCommand, anyCommand } from '../any-command.ts';
import { type SubVerb, subVerbCommand } from '../sub-verbs.ts';

/** What can be done with a history: one file each in this folder's `history/`. */
const uses: Readonly<Record<string, SubVerb>> = {
  add: {
    describe: 'keep what a run measured, for good',
    example: ['history add last', 'keep what the newest run measured'],
    load: async () => anyCommand((await import('./history/add.ts')).historyAddCommand),
  },
  list: {
    describe: 'the runs that are kept, oldest first',
    example: ['history list', 'the runs that are kept, with their main figures'],
    load: async () => anyCommand((await import('./history/list.ts')).historyListCommand),
  },
  changes: {
    describe: 'where a series of nightly values changed',
    example: ['history changes --series p99.csv', 'where a series of nightly values changed'],
    load: async () => anyCommand((await import('./history/changes.ts')).historyChangesCommand),
  },
};

export const historyCommand = (args: readonly string[]): Promise<AnyCommand> =>
  subVerbCommand('history', uses, 'is nothing that can be done with a history', args);
