import type { Options } from 'yargs';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command, CommandContext } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { type ProfileQuestion, profileFlags, questionFrom } from '../../profile-flags.ts';
import { printTop } from '../../print-profile-top.ts';
import { readProfiles } from '../../read-profiles.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  ...profileFlags,
  base: { type: 'string', describe: 'profile to take off; what is equal goes away, shares are of what is left' },
  'diff-base': { type: 'string', describe: 'profile to compare with; shares are of it' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly files: readonly string[] | undefined };

export const profileTopCommand: Command<Flags> = {
  examples: [
    ['profile top cpu.pb.gz', 'the functions that cost most of their own'],
    ['profile top cpu.pb.gz --sort cum --nodecount 20', 'with all that they called'],
    ['profile top heap.pb.gz --sample-index inuse_objects', 'another value of the same profile'],
    ["profile top cpu.pb.gz --focus 'encoding/json' --hide '^runtime'", 'only stacks with JSON, without the runtime'],
    ['profile top allocs-2.pb.gz --base allocs-1.pb.gz', 'what was allocated between two snapshots'],
    ['profile top last --stage 2 --kind cpu', 'of a stage of the newest run'],
  ],
  flags: (yargs) =>
    withFlags(yargs, options).positional('files', {
      type: 'string',
      array: true,
      describe: 'profiles, which are merged; or a run, with --stage and --kind',
    }),
  check: askedBy,
  run: async (flags, context) => {
    printTop(context.terminal, 'plimsoll/profile-top/1', await askedBy(flags, context));
    return exitCodes.done;
  },
};

/** Everything that is wrong with flags and files, at once. */
async function askedBy(flags: Flags, { runsDirectory }: CommandContext): Promise<ProfileQuestion> {
  const reasons = new Reasons();
  const names = flags.files ?? [];
  if (names.length === 0) reasons.add('profile top', 'needs a FILE', 'write plimsoll profile top cpu.pb.gz');
  if (flags.base !== undefined && flags.diffBase !== undefined)
    reasons.add('--base', 'and --diff-base are both given', 'one of the two');
  const base = flags.base ?? flags.diffBase;
  if (flags.normalize && base === undefined)
    reasons.add('--normalize', 'needs a profile to scale to', 'add --base FILE or --diff-base FILE');
  const profiles = await readProfiles(names, flags, runsDirectory, reasons);
  const bases = base === undefined ? [] : await readProfiles([base], flags, runsDirectory, reasons);
  const question = questionFrom(
    flags,
    { names, profiles, base: base ?? null, bases, isDiffBase: flags.base === undefined },
    reasons,
  );
  if (question === null) throw new MisuseError(reasons.list);
  return question;
}
