import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Options } from 'yargs';
import { type CostOfRun, costOfRun } from '../../../analysis/cost-of-run.ts';
import { costTypes } from '../../../analysis/profiles/sample-weights.ts';
import { type PerSecond, UnitError, parseRate } from '../../../model/units.ts';
import { findRun } from '../../../runners/store/find-run.ts';
import { loadRun } from '../../../runners/store/load-run.ts';
import { MisuseError, misuse } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command } from '../../command.ts';
import { composeCost } from '../../compose-cost.ts';
import { costFigures, costSorts } from '../../cost-figures.ts';
import { exitCodes } from '../../exit-codes.ts';
import { parseCount } from '../../parse-count.ts';
import { printFigures } from '../../print-figures.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  type: { choices: costTypes, default: 'cpu' as const, describe: 'CPU time, memory, wait for mutexes, time blocked' },
  at: { type: 'string', describe: 'rate at which costs are predicted (1000/s); unasked the highest of the stages' },
  sort: {
    choices: costSorts,
    default: 'site' as const,
    describe: 'by cost of own code with what it calls, of the function alone (flat), or with all callees (cum)',
  },
  nodecount: { type: 'string', default: '30', describe: 'show at most so many functions (0: all)' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly files: readonly string[] | undefined };

export const profileCostCommand: Command<Flags> = {
  examples: [
    ['profile cost last', 'which function costs more CPU per request as the rate grows, and which does not'],
    ['profile cost last --at 1000/s', 'ranked by what they will cost at another rate'],
    ['profile cost last --type alloc --sort flat', 'memory, by the functions that allocate'],
  ],
  flags: (yargs) =>
    withFlags(yargs, options).positional('files', {
      type: 'string',
      array: true,
      describe: 'a run: id, unique prefix, folder, or "last"',
    }),
  check: async (flags) => askedBy(flags),
  run: async (flags, { terminal, runsDirectory }) => {
    const { run, at, nodeCount } = askedBy(flags);
    const folder = await findRun(run, runsDirectory);
    const record = await loadRun(folder);
    const found = costOfRun(record, (file) => readFileSync(join(folder, file)), flags.type, at);
    if (at !== null) refuseFarRate(found, at);
    const figures = costFigures(record.id, found, { sort: flags.sort, nodeCount });
    printFigures(terminal, 'plimsoll/profile-cost/1', figures, composeCost);
    return found.missing === null ? exitCodes.done : exitCodes.inconclusive;
  },
};

interface Asked {
  readonly run: string;
  readonly at: PerSecond | null;
  readonly nodeCount: number;
}

/** Everything that is wrong with the flags, at once. */
function askedBy(flags: Flags): Asked {
  const reasons = new Reasons();
  const [run, ...more] = flags.files ?? [];
  if (run === undefined || more.length > 0)
    reasons.add('profile cost', 'needs one RUN', 'write plimsoll profile cost last');
  const { at } = flags;
  const asked = {
    run: run ?? '',
    at: at === undefined ? null : reasons.collect<PerSecond | null>('--at', null, () => rateAboveZero(at)),
    nodeCount: reasons.collect('--nodecount', 0, () => parseCount(flags.nodecount, 0)),
  };
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return asked;
}

function rateAboveZero(text: string): PerSecond {
  const rate = parseRate(text);
  if (!(rate > 0)) throw new UnitError(`"${text}" is not a rate above 0`, 'write one such as 1000/s');
  return rate;
}

/** As far as a curve through stages is believed. */
const farthest = 1.25;
const nearest = 0.8;

/** @throws MisuseError */
function refuseFarRate({ cost: { stages } }: CostOfRun, at: PerSecond): void {
  const [lowest, highest] = [stages[0]?.ratePerSecond, stages.at(-1)?.ratePerSecond];
  if (lowest === undefined || highest === undefined) return;
  if (at > farthest * highest || at < nearest * lowest)
    throw misuse(
      '--at',
      `${at}/s is far from the stages, which went from ${lowest}/s to ${highest}/s`,
      `between ${Number((nearest * lowest).toPrecision(3))}/s and ${Number((farthest * highest).toPrecision(3))}/s something can be told`,
    );
}
