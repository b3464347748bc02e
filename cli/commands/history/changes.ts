import type { Options } from 'yargs';
import { type ChangePointSettings, otavaSettings } from '../../../analysis/change-points/change-points.ts';
import { textOf } from '../../../scenarios/load-scenario-file.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import { changesFigures } from '../../changes-figures.ts';
import type { Command } from '../../command.ts';
import { composeChanges } from '../../compose-changes.ts';
import { exitCodes } from '../../exit-codes.ts';
import { parseCount } from '../../parse-count.ts';
import { parseNumber } from '../../parse-number.ts';
import { parseSeries } from '../../parse-series.ts';
import { printFigures } from '../../print-figures.ts';
import { noWords, refuseWords } from '../../refuse-words.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  series: { type: 'string', describe: 'file with one number a line, oldest first; an empty line is a gap' },
  window: { type: 'string', default: String(otavaSettings.window), describe: 'values looked at together' },
  'p-value': { type: 'string', default: String(otavaSettings.pValue), describe: 'a change is kept below this' },
  magnitude: {
    type: 'string',
    default: String(otavaSettings.magnitude),
    describe: 'a change is kept above this fraction, up or down: 0.05 is 5 %',
  },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly run: readonly string[] | undefined };

interface Asked {
  readonly series: readonly (number | null)[];
  readonly settings: ChangePointSettings;
}

export const historyChangesCommand: Command<Flags> = {
  examples: [
    ['history changes --series p99.csv', 'where a series of nightly values changed'],
    ['history changes --series p99.csv --magnitude 0.05', 'only changes of more than 5 %'],
  ],
  flags: (yargs) => withFlags(yargs, options).positional('run', noWords),
  check: askedBy,
  run: async (flags, { terminal }) => {
    const { series, settings } = await askedBy(flags);
    printFigures(terminal, 'plimsoll/history-changes/1', changesFigures(series, settings), composeChanges);
    return exitCodes.done;
  },
};

/** Everything that is wrong with flags and file, at once. */
async function askedBy(flags: Flags): Promise<Asked> {
  const reasons = new Reasons();
  const { series: file } = flags;
  refuseWords('history changes', flags.run, reasons);
  if (file === undefined) reasons.add('--series', 'is missing', 'write plimsoll history changes --series p99.csv');
  const series =
    file === undefined ? [] : await reasons.gather(file, [], async () => parseSeries(file, await textOf(file)));
  const window = reasons.collect('--window', otavaSettings.window, () => parseCount(flags.window, 2));
  const pValue = parseNumber(flags.pValue);
  if (pValue === null || pValue <= 0 || pValue > 1)
    reasons.add('--p-value', `"${flags.pValue}" is not a number above 0 and up to 1`, 'write --p-value 0.001');
  const magnitude = parseNumber(flags.magnitude);
  if (magnitude === null || magnitude < 0)
    reasons.add('--magnitude', `"${flags.magnitude}" is not a number of at least 0`, 'write --magnitude 0.05 for 5 %');
  if (reasons.list.length > 0 || pValue === null || magnitude === null) throw new MisuseError(reasons.list);
  return { series, settings: { window, pValue, magnitude } };
}
