import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command, CommandContext } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { printTop } from '../../print-profile-top.ts';
import { type ProfileQuestion, profileFlags, questionFrom } from '../../profile-flags.ts';
import { readProfiles } from '../../read-profiles.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

type Flags = FlagValues<typeof profileFlags> & { readonly files: readonly string[] | undefined };

export const profileDiffCommand: Command<Flags> = {
  examples: [
    ['profile diff before.pb.gz after.pb.gz', 'what cost more (+) or less (-) than before, as shares of before'],
    [
      'profile diff before.pb.gz after.pb.gz --normalize',
      'as if both had the same sum: which function took a larger part',
    ],
    ['profile diff 2026-11-20 last --stage 2 --kind cpu', 'the same stage of two runs'],
  ],
  flags: (yargs) =>
    withFlags(yargs, profileFlags).positional('files', {
      type: 'string',
      array: true,
      describe: 'BASE and NEW: two profiles; or two runs, with --stage and --kind',
    }),
  check: askedBy,
  run: async (flags, context) => {
    printTop(context.terminal, 'plimsoll/profile-diff/1', await askedBy(flags, context));
    return exitCodes.done;
  },
};

/** Everything that is wrong with flags and files, at once. */
async function askedBy(flags: Flags, { runsDirectory }: CommandContext): Promise<ProfileQuestion> {
  const reasons = new Reasons();
  const [base = null, name = null, ...more] = flags.files ?? [];
  if (base === null || name === null || more.length > 0)
    reasons.add('profile diff', 'needs two profiles', 'write plimsoll profile diff before.pb.gz after.pb.gz');
  const names = name === null ? [] : [name];
  const bases = await readProfiles(base === null ? [] : [base], flags, runsDirectory, reasons);
  const profiles = await readProfiles(names, flags, runsDirectory, reasons);
  const question = questionFrom(flags, { names, profiles, base, bases, isDiffBase: true }, reasons);
  if (question === null) throw new MisuseError(reasons.list);
  return question;
}
