import type { Options } from 'yargs';
import { whatIf } from '../../analysis/what-if/what-if.ts';
import type { WhatIfChange } from '../../analysis/what-if/what-if-change.ts';
import { UnitError, parseRate, parseSize } from '../../model/units.ts';
import { findRun } from '../../runners/store/find-run.ts';
import { loadRun } from '../../runners/store/load-run.ts';
import { MisuseError } from '../../scenarios/misuse.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import type { Command } from '../command.ts';
import { composeWhatIf } from '../compose-what-if.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseCount } from '../parse-count.ts';
import { printFigures } from '../print-figures.ts';
import { verifyPrediction } from '../verify-prediction.ts';
import { whatIfFigures } from '../what-if-figures.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';

const options = {
  rate: { type: 'string', describe: 'requests per second of all replicas together (1000/s)' },
  replicas: { type: 'string', describe: 'instances that share the rate; the run measured one' },
  pool: { type: 'string', describe: 'connections that the pool may open' },
  cpus: { type: 'string', describe: 'processors of an instance' },
  gogc: { type: 'string', describe: 'GOGC' },
  memory: { type: 'string', describe: 'memory limit (512MiB)' },
  mix: { type: 'string', describe: 'shares of the endpoints (menu=3,order=1)' },
  'downstream-slower': { type: 'string', describe: 'the services behind take so many times as long (1.5)' },
  verify: { type: 'boolean', default: false, describe: 'run the predicted point, and show it beside the prediction' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly run: string };

export const whatifCommand: Command<Flags> = {
  examples: [
    ['whatif last --rate 1000/s', 'response times at a rate that was not measured'],
    ['whatif last --rate 5000/s --replicas 6', 'the same of six instances'],
    ['whatif last --rate 1000/s --verify', 'and run it, to see whether it is true'],
  ],
  flags: (yargs) =>
    withFlags(yargs, options).positional('run', {
      type: 'string',
      demandOption: true,
      describe: 'id, unique prefix, folder, or "last"',
    }),
  check: async (flags) => changeFrom(flags),
  run: async (flags, context) => {
    const { terminal, runsDirectory, seed } = context;
    const change = changeFrom(flags);
    const record = await loadRun(await findRun(flags.run, runsDirectory));
    const answer = whatIf(record, change, seed ?? 1);
    const verified =
      flags.verify && answer.refused === null ? await verifyPrediction(record, change, answer, context) : null;
    printFigures(terminal, 'plimsoll/whatif/1', whatIfFigures(record.id, change, answer, verified), composeWhatIf);
    if (answer.refused !== null || verified?.status === 'not-run') return exitCodes.inconclusive;
    return verified?.agrees === false ? exitCodes.missed : exitCodes.done;
  },
};

/** All that is wrong with the flags at once. */
function changeFrom(flags: Flags): WhatIfChange {
  const reasons = new Reasons();
  const read = <T>(where: string, text: string | undefined, parse: (text: string) => T): T | null =>
    text === undefined ? null : reasons.collect<T | null>(where, null, () => parse(text));
  const change = {
    ratePerSecond: read('--rate', flags.rate, (text) => aboveZero(parseRate(text), text)),
    replicas: read('--replicas', flags.replicas, (text) => parseCount(text, 1)),
    pool: read('--pool', flags.pool, (text) => parseCount(text, 1)),
    cpus: read('--cpus', flags.cpus, (text) => parseCount(text, 1)),
    gogc: read('--gogc', flags.gogc, parseGogc),
    memoryBytes: read('--memory', flags.memory, (text) => aboveZero(parseSize(text), text)),
    mix: read('--mix', flags.mix, parseMix),
    downstreamSlower: read('--downstream-slower', flags.downstreamSlower, (text) => aboveZero(Number(text), text)),
  };
  if (reasons.list.length === 0 && Object.values(change).every((value) => value === null))
    reasons.add('whatif', 'nothing is changed', 'say what if: --rate 1000/s, --replicas 3, --pool 20, …');
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return change;
}

function aboveZero<T extends number>(value: T, text: string): T {
  if (!(value > 0 && Number.isFinite(value)))
    throw new UnitError(`"${text}" is not a number above 0`, 'write one such as 1.5');
  return value;
}

function parseGogc(text: string): string {
  if (text !== 'off') parseCount(text, 1);
  return text;
}

/** "menu=3,order=1" as shares of 1. */
function parseMix(text: string): Readonly<Record<string, number>> {
  const hint = 'write the endpoints with their weights: menu=3,order=1';
  const weights = text.split(',').map((part) => {
    const [, name, weight] = /^\s*(.+?)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    if (name === undefined || !(Number(weight) >= 0))
      throw new UnitError(`"${part}" is no endpoint with its weight`, hint);
    return [name, Number(weight)] as const;
  });
  const whole = weights.reduce((sum, [, weight]) => sum + weight, 0);
  if (!(whole > 0)) throw new UnitError(`"${text}" holds no requests`, hint);
  return Object.fromEntries(weights.map(([name, weight]) => [name, weight / whole]));
}
