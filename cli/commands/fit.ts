import type { Options } from 'yargs';
import type { ScalabilityPoint } from '../../analysis/models/scalability/scalability-point.ts';
import { MisuseError } from '../../scenarios/misuse.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import type { Command } from '../command.ts';
import { composeContest, composeUsl } from '../compose-fit.ts';
import { exitCodes } from '../exit-codes.ts';
import { contestFigures, uslFigures } from '../fit-figures.ts';
import { printFigures } from '../print-figures.ts';
import { readPoints } from '../read-points.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';

const options = {
  at: { type: 'string', describe: 'concurrencies to predict throughput at (20,35)' },
  'latency-at': { type: 'string', describe: 'throughputs per second to predict concurrency and latency at' },
  normalized: {
    type: 'boolean',
    default: false,
    describe: 'two parameters: gamma is the mean of the rows with concurrency 1',
  },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly model: string; readonly data: string };

interface Asked {
  readonly model: 'usl' | 'contest';
  readonly points: readonly ScalabilityPoint[];
  readonly at: readonly number[];
  readonly latencyAt: readonly number[];
}

export const fitCommand: Command<Flags> = {
  examples: [
    ['fit usl stages.csv --at 20,35', 'the Universal Scalability Law, and what it says of 20 and 35 at once'],
    ['fit contest stages.csv', 'straight line, Amdahl, USL or hard limit: what the stages favour'],
  ],
  flags: (yargs) =>
    withFlags(yargs, options)
      .positional('model', { type: 'string', demandOption: true, describe: '"usl" or "contest"' })
      .positional('data', {
        type: 'string',
        demandOption: true,
        describe: 'CSV with the columns concurrency,throughput',
      }),
  check: (flags) => askedBy(flags),
  run: async (flags, { terminal }) => {
    const { model, points, at, latencyAt } = await askedBy(flags);
    if (model === 'contest') {
      const figures = contestFigures(points);
      printFigures(terminal, 'plimsoll/fit-contest/1', figures, composeContest);
      return figures.chosen === null ? exitCodes.inconclusive : exitCodes.done;
    }
    const figures = uslFigures(points, flags.normalized, at, latencyAt);
    printFigures(terminal, 'plimsoll/fit-usl/1', figures, composeUsl);
    return figures.parameters === null ? exitCodes.inconclusive : exitCodes.done;
  },
};

/** Everything that is wrong with flags and file, at once. */
async function askedBy(flags: Flags): Promise<Asked> {
  const reasons = new Reasons();
  const model = flags.model === 'contest' ? 'contest' : 'usl';
  if (flags.model !== model)
    reasons.add('fit', `"${flags.model}" is no model`, 'write "fit usl DATA.csv" or "fit contest DATA.csv"');
  const at = numbersIn('--at', flags.at, reasons);
  const latencyAt = numbersIn('--latency-at', flags.latencyAt, reasons);
  if (model === 'contest')
    for (const [where, given] of [
      ['--at', flags.at !== undefined],
      ['--latency-at', flags.latencyAt !== undefined],
      ['--normalized', flags.normalized],
    ] as const)
      if (given) reasons.add(where, 'belongs to fit usl', `leave ${where} out, or write "fit usl"`);
  const points = await reasons.gather('', [], () => readPoints(flags.data));
  if (flags.normalized && model === 'usl' && points.length > 0 && !points.some(({ concurrency }) => concurrency === 1))
    reasons.add('--normalized', 'needs a row with concurrency 1', 'leave it out: gamma is estimated then');
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return { model, points, at, latencyAt };
}

function numbersIn(where: string, text: string | undefined, reasons: Reasons): readonly number[] {
  if (text === undefined) return [];
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.every((value) => value > 0 && Number.isFinite(value))) return values;
  reasons.add(where, `"${text}" is not a list of numbers above 0`, `write ${where} 20,35`);
  return [];
}
