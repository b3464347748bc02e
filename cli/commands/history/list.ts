import type { Options } from 'yargs';
import { type RunMetricName, isRunMetric, runMetricNames } from '../../../model/run-metrics.ts';
import { readHistory } from '../../../runners/store/history-file.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { composeHistory } from '../../history/compose-history.ts';
import { type ListAsked, historyFigures } from '../../history/history-figures.ts';
import { historyFile, historyFlag } from '../../history/history-flags.ts';
import { printFigures } from '../../print-figures.ts';
import { noWords, refuseWords } from '../../refuse-words.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  history: historyFlag,
  scenario: { type: 'string', describe: 'only runs of the plan of this name' },
  arm: { choices: ['candidate', 'reference'] as const, describe: 'only this one' },
  metric: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: `columns: ${runMetricNames.join(', ')} [default: p99, errors, cpu-per-request]`,
  },
  stage: { type: 'number', describe: 'hold stage of the metrics, by index [default: the one with the highest load]' },
  last: { type: 'number', describe: 'only the newest so many' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly run: readonly string[] | undefined };

const usualMetrics: readonly RunMetricName[] = ['p99', 'errors', 'cpu-per-request'];

export const historyListCommand: Command<Flags> = {
  examples: [
    ['history list', 'every run of the history, with p99, errors and CPU per request at its highest load'],
    ['history list --metric p99 --stage 1 --arm candidate --last 30', 'one metric of one stage, thirty nights'],
  ],
  flags: (yargs) => withFlags(yargs, options).positional('run', noWords),
  check: (flags) => Promise.resolve(askedBy(flags)),
  run: async (flags, { terminal, runsDirectory }) => {
    const asked = askedBy(flags);
    const file = historyFile(flags.history, runsDirectory);
    const figures = historyFigures(file, await readHistory(file), asked);
    printFigures(terminal, 'plimsoll/history-list/1', figures, composeHistory);
    return exitCodes.done;
  },
};

function askedBy({ run, metric, ...flags }: Flags): ListAsked {
  const stage = flags.stage ?? null;
  const last = flags.last ?? null;
  const reasons = new Reasons();
  refuseWords('history list', run, reasons);
  for (const name of metric)
    if (!isRunMetric(name))
      reasons.add('--metric', `"${name}" is none`, `the metrics are ${runMetricNames.join(', ')}`);
  if (stage !== null && !(Number.isInteger(stage) && stage >= 0))
    reasons.add('--stage', `${stage} is no index of a stage`, 'write a whole number: the warm-up is mostly 0');
  if (last !== null && !(Number.isInteger(last) && last > 0))
    reasons.add('--last', `${last} is no number of runs`, 'write a whole number above 0');
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  const metrics = metric.length === 0 ? usualMetrics : metric.filter(isRunMetric);
  return { scenario: flags.scenario ?? null, arm: flags.arm ?? null, metrics, stage, last };
}
