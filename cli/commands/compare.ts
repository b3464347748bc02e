import type { Options } from 'yargs';
import type { ComparisonVerdict } from '../../analysis/comparison/compare-samples.ts';
import { textOf } from '../../scenarios/load-scenario-file.ts';
import { MisuseError } from '../../scenarios/misuse.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import type { Command } from '../command.ts';
import { comparisonFigures } from '../comparison-figures.ts';
import { composeComparison } from '../compose-comparison.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type Samples, parseSamples } from '../parse-samples.ts';
import { printFigures } from '../print-figures.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';

const options = {
  samples: { type: 'boolean', default: false, describe: 'the two files hold plain numbers, one run a line' },
  direction: { choices: ['lower', 'higher'] as const, default: 'lower' as const, describe: 'which way is better' },
  with: { type: 'string', array: true, hidden: true, describe: 'runs of the candidate' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly files: readonly string[] | undefined };

const exits: Readonly<Record<ComparisonVerdict, ExitCode>> = {
  same: exitCodes.done,
  better: exitCodes.done,
  worse: exitCodes.missed,
  inconclusive: exitCodes.inconclusive,
};

export const compareCommand: Command<Flags> = {
  examples: [
    ['compare --samples base.csv candidate.csv', 'same, better or worse, by how much, with what certainty'],
    ['compare --samples base.csv candidate.csv --direction higher', 'of throughput: higher is better'],
  ],
  flags: (yargs) =>
    withFlags(yargs, options).positional('files', {
      type: 'string',
      array: true,
      describe: 'the base and the candidate, CSV: one run a line, a header line with the names of metrics',
    }),
  check: askedBy,
  run: async (flags, { terminal }) => {
    const { base, candidate } = await askedBy(flags);
    const figures = comparisonFigures(base, candidate, flags.direction);
    printFigures(terminal, 'plimsoll/compare/1', figures, composeComparison);
    return exits[figures.verdict];
  },
};

/** Everything that is wrong with flags and files, at once. */
async function askedBy(flags: Flags): Promise<{ readonly base: Samples; readonly candidate: Samples }> {
  const reasons = new Reasons();
  const files = flags.files ?? [];
  const hint = 'write plimsoll compare --samples base.csv candidate.csv';
  if (!flags.samples || flags.with !== undefined) {
    reasons.add('compare', 'runs cannot be compared yet, only files of plain numbers', hint);
    throw new MisuseError(reasons.list);
  }
  if (files.length !== 2) reasons.add('--samples', `needs two files, not ${files.length}`, hint);
  const [base, candidate] = await Promise.all(
    files.slice(0, 2).map((file) => reasons.gather(file, null, async () => parseSamples(file, await textOf(file)))),
  );
  if (base != null && candidate != null && base.hasHeader !== candidate.hasHeader)
    reasons.add(
      '--samples',
      'one file has a header line, the other has none',
      'metrics are matched by name: both or none',
    );
  if (reasons.list.length > 0 || base == null || candidate == null) throw new MisuseError(reasons.list);
  return { base, candidate };
}
