import type { Options } from 'yargs';
import { type ChangePointSettings, otavaSettings } from '../../../analysis/change-points/change-points.ts';
import { isRunMetric, runMetricNames } from '../../../model/run-metrics.ts';
import { readHistory } from '../../../runners/store/history-file.ts';
import { textOf } from '../../../scenarios/load-scenario-file.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import { type ChangesSeries, changesFigures } from '../../changes-figures.ts';
import type { Command } from '../../command.ts';
import { composeChanges } from '../../compose-changes.ts';
import { exitCodes } from '../../exit-codes.ts';
import { historyFile, historyFlag } from '../../history/history-flags.ts';
import { seriesOfHistory } from '../../history/series-of-history.ts';
import { parseCount } from '../../parse-count.ts';
import { parseNumber } from '../../parse-number.ts';
import { parseSeries } from '../../parse-series.ts';
import { printFigures } from '../../print-figures.ts';
import { noWords, refuseWords } from '../../refuse-words.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  metric: { type: 'string', describe: `of the history: ${runMetricNames.join(', ')}` },
  stage: { type: 'number', describe: 'hold stage of the metric, by index [default: the one with the highest load]' },
  scenario: { type: 'string', describe: 'the plan whose nights are looked at, where the history has several' },
  'to-reference': {
    type: 'boolean',
    default: false,
    describe: 'each night over the reference of the same pair: what the machine did to both drops out',
  },
  history: historyFlag,
  series: { type: 'string', describe: 'instead: file with one number a line, oldest first; an empty line is a gap' },
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
  /** Null: plain numbers. */
  readonly origin: ChangesSeries | null;
}

export const historyChangesCommand: Command<Flags> = {
  examples: [
    ['history changes --metric p99', 'where p99 of the nights in the history changed'],
    ['history changes --metric cpu-per-request --to-reference', 'over the pinned version of the same night'],
    ['history changes --series p99.csv', 'where a series of plain numbers changed'],
    ['history changes --series p99.csv --magnitude 0.05', 'only changes of more than 5 %'],
  ],
  flags: (yargs) => withFlags(yargs, options).positional('run', noWords),
  check: (flags, { runsDirectory }) => askedBy(flags, runsDirectory),
  run: async (flags, { terminal, runsDirectory }) => {
    const { series, settings, origin } = await askedBy(flags, runsDirectory);
    printFigures(terminal, 'plimsoll/history-changes/1', changesFigures(series, settings, origin), composeChanges);
    return exitCodes.done;
  },
};

/** Everything that is wrong with flags and file, at once. */
async function askedBy(flags: Flags, runsDirectory: string): Promise<Asked> {
  const reasons = new Reasons();
  refuseWords('history changes', flags.run, reasons);
  const { series, origin } =
    flags.series === undefined
      ? await fromHistory(flags, runsDirectory, reasons)
      : { series: await fromFile(flags.series, flags, reasons), origin: null };
  const window = reasons.collect('--window', otavaSettings.window, () => parseCount(flags.window, 2));
  const pValue = parseNumber(flags.pValue);
  if (pValue === null || pValue <= 0 || pValue > 1)
    reasons.add('--p-value', `"${flags.pValue}" is not a number above 0 and up to 1`, 'write --p-value 0.001');
  const magnitude = parseNumber(flags.magnitude);
  if (magnitude === null || magnitude < 0)
    reasons.add('--magnitude', `"${flags.magnitude}" is not a number of at least 0`, 'write --magnitude 0.05 for 5 %');
  if (reasons.list.length > 0 || pValue === null || magnitude === null) throw new MisuseError(reasons.list);
  return { series, settings: { window, pValue, magnitude }, origin };
}

async function fromFile(file: string, flags: Flags, reasons: Reasons): Promise<readonly (number | null)[]> {
  const ofHistory = {
    '--metric': flags.metric !== undefined,
    '--stage': flags.stage !== undefined,
    '--scenario': flags.scenario !== undefined,
    '--to-reference': flags.toReference,
    '--history': flags.history !== undefined,
  };
  for (const [where, given] of Object.entries(ofHistory))
    if (given) reasons.add(where, 'is for a history, and --series reads plain numbers', 'leave out one of the two');
  return reasons.gather(file, [], async () => parseSeries(file, await textOf(file)));
}

async function fromHistory(
  flags: Flags,
  runsDirectory: string,
  reasons: Reasons,
): Promise<Pick<Asked, 'series' | 'origin'>> {
  const { metric, stage = null, toReference } = flags;
  const nothing = { series: [], origin: null };
  if (metric === undefined || !isRunMetric(metric)) {
    const hint = `one of ${runMetricNames.join(', ')}; or of plain numbers --series FILE`;
    reasons.add('--metric', metric === undefined ? 'is missing' : `"${metric}" is none`, hint);
    return nothing;
  }
  const file = historyFile(flags.history, runsDirectory);
  const { entries } = await readHistory(file);
  const candidates = entries.filter(({ arm }) => arm === 'candidate');
  const scenarios = [...new Set(candidates.map(({ scenario }) => scenario))];
  const scenario = flags.scenario ?? (scenarios.length === 1 ? scenarios[0] : undefined);
  if (scenario === undefined || !scenarios.includes(scenario)) {
    const said =
      flags.scenario === undefined ? `is missing: ${file} has several` : `"${flags.scenario}" is not in ${file}`;
    reasons.add(
      '--scenario',
      scenarios.length === 0 ? `no candidate is in ${file}` : said,
      `there are ${scenarios.join(', ')}`,
    );
    return nothing;
  }
  const nights = seriesOfHistory(entries, { scenario, metric, stage, toReference });
  if (nights.every(({ value }) => value === null)) {
    const why = nights[0]?.gap ?? 'there are none';
    reasons.add('--metric', `no night has a value of ${metric}: ${why}`, 'choose another metric or stage');
  }
  return {
    series: nights.map(({ value }) => value),
    origin: {
      scenario,
      metric,
      toReference,
      stage,
      nights: nights.map(({ run, commit, gap }) => ({ run, commit, gap })),
    },
  };
}
