import type { Options } from 'yargs';
import { collectorOfRuns } from '../../../analysis/models/garbage-collector/collector-of-runs.ts';
import { sizeCollector } from '../../../analysis/sizing/gc/size-collector.ts';
import { UnitError, parseRate, parseShare, parseSize, perSecond, bytes, ratio } from '../../../model/units.ts';
import { findRun } from '../../../runners/store/find-run.ts';
import { loadRun } from '../../../runners/store/load-run.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import { readRun } from '../../analyze-run.ts';
import type { Command } from '../../command.ts';
import { composeGc } from '../../compose-gc.ts';
import { exitCodes } from '../../exit-codes.ts';
import { type GcAsked, type GcFigures, gcFigures, refusedGc } from '../../gc-figures.ts';
import { printFigures } from '../../print-figures.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  run: {
    type: 'string',
    array: true,
    describe: 'a run with stages at several loads (id, prefix, folder, "last"); repeat it for other settings of GOGC',
  },
  'memory-limit': { type: 'string', describe: 'memory of the container of one instance (512MiB)' },
  rate: { type: 'string', describe: 'requests per second of one instance at the peak (800/s)' },
  'gc-cpu-budget': { type: 'string', describe: 'most of its processors that collections may take (5%)' },
  exclusive: {
    type: 'boolean',
    default: false,
    describe: 'nothing but this process lives in the container (one condition of GOGC=off)',
  },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options>;

export const sizeGc: Command<Flags> = {
  examples: [
    [
      'size gc --run at-100 --run at-200 --memory-limit 512MiB --rate 800/s',
      'from one run at GOGC=100 and one at GOGC=200, three levels of load each',
    ],
    [
      'size gc --run at-100 --run at-200 --memory-limit 512MiB --rate 800/s --gc-cpu-budget 5%',
      'and say whether collections stay below 5 % of the processors',
    ],
  ],
  flags: (yargs) => withFlags(yargs, options),
  check: async (flags) => askedBy(flags),
  run: async (flags, { terminal, seed, runsDirectory }) => {
    const figures = await figuresFor(askedBy(flags), seed ?? 1, runsDirectory);
    printFigures(terminal, 'plimsoll/size-gc/1', figures, composeGc);
    return figures.recommended === null ? exitCodes.inconclusive : exitCodes.done;
  },
};

async function figuresFor(asked: GcAsked, seed: number, runsDirectory: string): Promise<GcFigures> {
  const folders = new Set<string>();
  for (const argument of asked.runs) folders.add(await findRun(argument, runsDirectory));
  const runs = await Promise.all(
    [...folders].map(async (folder) => {
      const record = await loadRun(folder);
      return { record, stages: readRun(record, folder).analysis.stages };
    }),
  );
  const named = { ...asked, runs: runs.map(({ record }) => record.id) };
  const { observed, collector, differences } = collectorOfRuns(runs, { seed });
  if (collector.status === 'unknown') return refusedGc(named, observed, collector.reasons);
  const sizing = sizeCollector({
    collector,
    containerBytes: asked.memoryLimitBytes,
    requestsPerSecond: asked.requestsPerSecond,
    cpuBudget: asked.gcCpuBudget,
    exclusive: asked.exclusive,
  });
  return sizing.status === 'refused'
    ? refusedGc(named, observed, [{ code: sizing.code, message: sizing.reason }])
    : gcFigures(named, observed, collector, sizing, differences);
}

/** All that is wrong with the flags at once. */
function askedBy(flags: Flags): GcAsked {
  const reasons = new Reasons();
  const needed = <T>(
    where: string,
    fallback: T,
    text: string | undefined,
    hint: string,
    parse: (text: string) => T,
  ): T =>
    reasons.collect(where, fallback, () => {
      if (text === undefined) throw new UnitError('is missing', hint);
      return parse(text);
    });
  const runs = flags.run ?? [];
  if (runs.length === 0)
    reasons.add('--run', 'is missing', 'runs at two settings of GOGC, with three levels of load: --run ID --run ID');
  const memoryLimitBytes = needed('--memory-limit', bytes(1), flags.memoryLimit, 'such as 512MiB', (text) =>
    aboveZero(parseSize(text), text),
  );
  const requestsPerSecond = needed('--rate', perSecond(1), flags.rate, 'such as 800/s', (text) =>
    aboveZero(parseRate(text), text),
  );
  const budget = flags.gcCpuBudget;
  const gcCpuBudget =
    budget === undefined
      ? null
      : reasons.collect('--gc-cpu-budget', ratio(1), () => aboveZero(parseShare(budget), budget));
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return { runs, memoryLimitBytes, requestsPerSecond, gcCpuBudget, exclusive: flags.exclusive };
}

function aboveZero<T extends number>(value: T, text: string): T {
  if (!(value > 0)) throw new UnitError(`"${text}" is not above 0`, 'such as 512MiB, 800/s or 5%');
  return value;
}
