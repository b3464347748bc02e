import { writeFile } from 'node:fs/promises';
import type { Options } from 'yargs';
import { type CallTreeOfFiles, callTreeOfFiles } from '../../../analysis/profiles/call-tree-of-files.ts';
import { systemCause } from '../../../model/system-cause.ts';
import { toHtml } from '../../../reports/render/to-html.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command, CommandContext } from '../../command.ts';
import { composeFlame } from '../../compose-flame.ts';
import { exitCodes } from '../../exit-codes.ts';
import { UsageError } from '../../present-failure.ts';
import { noteRefusal, profileFlags, stackQuestionFrom } from '../../profile-flags.ts';
import { readProfiles } from '../../read-profiles.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  'diff-base': { type: 'string', describe: 'profile to compare with, in colours' },
  out: { type: 'string', describe: 'page to write, such as flame.html' },
  'sample-index': profileFlags['sample-index'],
  focus: profileFlags.focus,
  ignore: profileFlags.ignore,
  hide: profileFlags.hide,
  show: profileFlags.show,
  symbolize: profileFlags.symbolize,
  stage: profileFlags.stage,
  kind: profileFlags.kind,
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly files: readonly string[] | undefined };

export const profileFlameCommand: Command<Flags> = {
  examples: [
    ['profile flame cpu.pb.gz --out flame.html', 'a page of its own: search, zoom, and the same as a table'],
    ['profile flame after.pb.gz --diff-base before.pb.gz --out flame.html', 'what became more or less, in colours'],
    ['profile flame last --stage 2 --kind cpu --out flame.html', 'of a stage of the newest run'],
  ],
  flags: (yargs) =>
    withFlags(yargs, options).positional('files', {
      type: 'string',
      array: true,
      describe: 'profiles, which are merged; or a run, with --stage and --kind',
    }),
  check: askedBy,
  run: async (flags, context) => {
    const { names, base, out, asked } = await askedBy(flags, context);
    const { terminal } = context;
    for (const filter of asked.unmatched) terminal.note(`--${filter} matches no function and no file`);
    const page = await toHtml(composeFlame(asked, base !== null));
    await writeFile(out, page).catch((error: unknown) => {
      throw new UsageError(`${out} cannot be written: ${systemCause(error)}`, 'choose another file with --out FILE');
    });
    const { tree, sampleType, unmatched } = asked;
    const shown = tree.profiles.at(-1);
    if (terminal.json)
      terminal.out(
        JSON.stringify(
          {
            schema: 'plimsoll/profile-flame/1',
            files: names,
            base,
            out,
            sampleType,
            unit: tree.unit,
            total: shown?.cumulative[0] ?? 0,
            frames: tree.functionOf.length,
            leftOut: tree.leftOut.nodes,
            unmatched,
          },
          null,
          2,
        ),
      );
    else terminal.note(`written to ${out}`);
    return exitCodes.done;
  },
};

interface AskedFlame {
  readonly names: readonly string[];
  readonly base: string | null;
  readonly out: string;
  readonly asked: CallTreeOfFiles;
}

/** Everything that is wrong with flags and files, at once. */
async function askedBy(flags: Flags, { runsDirectory }: CommandContext): Promise<AskedFlame> {
  const reasons = new Reasons();
  const { files: names = [], diffBase: base = null, out = '' } = flags;
  if (names.length === 0)
    reasons.add('profile flame', 'needs a FILE', 'write plimsoll profile flame cpu.pb.gz --out flame.html');
  if (out === '') reasons.add('--out', 'is missing: the page that is to be written', 'add --out flame.html');
  const profiles = await readProfiles(names, flags, runsDirectory, reasons);
  const bases = base === null ? [] : await readProfiles([base], flags, runsDirectory, reasons);
  const question = stackQuestionFrom(flags, reasons);
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  const ofRun = flags.stage === undefined ? '' : `, stage ${flags.stage}, ${flags.kind ?? ''}`;
  const group = { label: `${names.join(' + ')}${ofRun}`, profiles };
  try {
    const before = base === null ? [] : [{ label: `${base}${ofRun}`, profiles: bases }];
    return { names, base, out, asked: callTreeOfFiles([...before, group], question) };
  } catch (error) {
    noteRefusal(
      error,
      [...names, base ?? ''].filter((name) => name !== ''),
      reasons,
    );
    throw new MisuseError(reasons.list);
  }
}
