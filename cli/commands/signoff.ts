import { type AnyCommand, anyCommand } from '../any-command.ts';
import { type SubVerb, subVerbCommand } from '../sub-verbs.ts';

/** What can be done with a sign-off: one file each in this folder's `signoff/`. */
const uses: Readonly<Record<string, SubVerb>> = {
  make: {
    describe: 'judge runs by a checklist, write a page for people and a signed statement',
    example: [
      'signoff make soak spike search --policy policy.yaml --target 5000/s --key key.pem',
      'judge runs and sign what they say',
    ],
    load: async () => anyCommand((await import('./signoff/make.ts')).signOffMakeCommand),
  },
  verify: {
    describe: 'signature, hashes, dates, waivers: offline',
    example: ['signoff verify signoff --key key.pub.pem', 'whether a sign-off still holds'],
    load: async () => anyCommand((await import('./signoff/verify.ts')).signOffVerifyCommand),
  },
  key: {
    describe: 'a new pair of keys',
    example: ['signoff key --out key', 'key.pem to sign with, key.pub.pem to verify with'],
    load: async () => anyCommand((await import('./signoff/key.ts')).signOffKeyCommand),
  },
};

export const signOffCommand = (args: readonly string[]): Promise<AnyCommand> =>
  subVerbCommand('signoff', uses, 'is nothing that can be done with a sign-off', args);
