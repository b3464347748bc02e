import type { Options } from 'yargs';
import type { HistoryEntry } from '../../../model/history-entry.ts';
import type { Document } from '../../../reports/document.ts';
import { appendHistory } from '../../../runners/store/history-file.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { entryOfRun } from '../../history/entry-of-run.ts';
import { historyFile, historyFlag } from '../../history/history-flags.ts';
import { loadSamples } from '../../load-samples.ts';
import { printFigures } from '../../print-figures.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  history: historyFlag,
  arm: {
    choices: ['candidate', 'reference'] as const,
    default: 'candidate' as const,
    describe: 'candidate: the version of that day; reference: the pinned one beside it',
  },
  pair: { type: 'string', describe: 'what runs that were made together have in common, such as the date' },
  commit: { type: 'string', describe: "commit of the target [default: the one that the target's binary names]" },
  project: { type: 'string', describe: "[default: the plan's name]" },
  service: { type: 'string', describe: "[default: the target's Go module]" },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly run: readonly string[] | undefined };

/** The document of `history add`. */
interface AddedFigures {
  readonly history: string;
  readonly added: readonly string[];
  /** In the history already. */
  readonly known: readonly string[];
  readonly warnings: readonly { readonly code: 'run-not-ok'; readonly message: string }[];
}

export const historyAddCommand: Command<Flags> = {
  examples: [
    ['history add last', 'the newest run, as the candidate of its day'],
    ['history add last --arm reference --pair 2026-11-21', 'the pinned version that ran the same night'],
  ],
  flags: (yargs) =>
    withFlags(yargs, options).positional('run', {
      type: 'string',
      array: true,
      describe: 'ids, unique prefixes, folders, or "last"',
    }),
  check: (flags, { runsDirectory }) => askedBy(flags, runsDirectory),
  run: async (flags, { terminal, runsDirectory }) => {
    const entries = await askedBy(flags, runsDirectory);
    const history = historyFile(flags.history, runsDirectory);
    const added = await appendHistory(history, entries);
    const figures: AddedFigures = {
      history,
      added,
      known: entries.flatMap(({ run }) => (added.includes(run) ? [] : [run])),
      warnings: entries.flatMap(({ run, validity: { status, reasons } }) =>
        status === 'ok' ? [] : [{ code: 'run-not-ok', message: `${run} is ${status}: ${reasons.join('; ')}` }],
      ),
    };
    printFigures(terminal, 'plimsoll/history-add/1', figures, composeAdded);
    return exitCodes.done;
  },
};

async function askedBy(flags: Flags, runsDirectory: string): Promise<readonly HistoryEntry[]> {
  const reasons = new Reasons();
  const names = flags.run ?? [];
  if (names.length === 0) reasons.add('history add', 'no run is named', 'write plimsoll history add last');
  for (const name of ['pair', 'commit', 'project', 'service'] as const)
    if (flags[name]?.trim() === '')
      reasons.add(`--${name}`, 'is empty', `write --${name} with a value, or leave it out`);
  const { arm, pair = null, commit = null, project = null, service = null } = flags;
  const entries = await loadSamples(
    'history add',
    names,
    { runsDirectory, reasons, seen: new Set<string>() },
    (sample, record) => entryOfRun(sample, record, { arm, pair, commit, project, service }),
  );
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return entries;
}

function composeAdded({ history, added, known, warnings }: AddedFigures): Document {
  return {
    title: `${added.length} ${added.length === 1 ? 'run' : 'runs'} added to ${history}`,
    subtitle: known.length === 0 ? '' : `in it already: ${known.join(', ')}`,
    blocks: warnings.map(({ code, message }) => ({
      kind: 'text',
      brief: true,
      tone: 'warning',
      text: `${code}: ${message}; it is kept, and takes no part in a series`,
    })),
  };
}
