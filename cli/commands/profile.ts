import { type AnyCommand, anyCommand } from '../any-command.ts';
import { type SubVerb, subVerbCommand } from '../sub-verbs.ts';

/** What can be done with profiles: one file each in this folder's `profile/`. */
const uses: Readonly<Record<string, SubVerb>> = {
  top: {
    describe: 'the functions that cost most, as go tool pprof -top',
    example: ['profile top cpu.pb.gz', 'the functions that cost most'],
    load: async () => anyCommand((await import('./profile/top.ts')).profileTopCommand),
  },
  diff: {
    describe: 'what cost more or less in NEW than in BASE, as go tool pprof -top -diff_base',
    example: ['profile diff before.pb.gz after.pb.gz', 'what cost more or less than before'],
    load: async () => anyCommand((await import('./profile/diff.ts')).profileDiffCommand),
  },
  flame: {
    describe: 'stacks as a flame graph, on a page of its own',
    example: ['profile flame cpu.pb.gz --out flame.html', 'the stacks as a picture to search and zoom'],
    load: async () => anyCommand((await import('./profile/flame.ts')).profileFlameCommand),
  },
  cost: {
    describe: 'what functions cost per request of a run, and how it goes with the rate',
    example: ['profile cost last', 'which function costs more per request as the rate grows'],
    load: async () => anyCommand((await import('./profile/cost.ts')).profileCostCommand),
  },
};

export const profileCommand = (args: readonly string[]): Promise<AnyCommand> =>
  subVerbCommand('profile', uses, 'is nothing that can be done with profiles', args);
