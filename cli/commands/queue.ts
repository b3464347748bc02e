import type { Options } from 'yargs';
import { ggcApproximations } from '../../analysis/models/queueing/ggc.ts';
import { largestLimit } from '../../analysis/models/queueing/mmck.ts';
import { rateText } from '../../model/rate-text.ts';
import {
  type Milliseconds,
  type PerSecond,
  UnitError,
  eventsIn,
  parseDuration,
  parseRate,
  rateOf,
} from '../../model/units.ts';
import { textOf } from '../../scenarios/load-scenario-file.ts';
import { type Misuse, MisuseError } from '../../scenarios/misuse.ts';
import type { Command } from '../command.ts';
import { composeNetwork, composeQueue } from '../compose-queue.ts';
import { exitCodes } from '../exit-codes.ts';
import { printFigures } from '../print-figures.ts';
import { generalFigures, markovFigures } from '../queue-figures.ts';
import { networkFigures } from '../queue-network.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';
import { parseVariation } from '../parse-variation.ts';

const options = {
  servers: { type: 'string', describe: 'how many jobs are served at once' },
  'arrival-rate': { type: 'string', describe: 'arrivals per second (500, 500/s, 30/m)' },
  'service-time': { type: 'string', describe: 'mean time of one server for one job (8ms)' },
  limit: { type: 'string', describe: 'most jobs there at once, those in service included (the K of M/M/c/K)' },
  'arrival-cv': { type: 'string', describe: 'standard deviation / mean of the gaps between arrivals (default 1)' },
  'service-cv': { type: 'string', describe: 'standard deviation / mean of the service times (default 1)' },
  approximation: {
    choices: ggcApproximations,
    default: 'allen-cunneen' as const,
    describe: 'for the means where there is no formula',
  },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly what: string | undefined; readonly file: string | undefined };

export const queueCommand: Command<Flags> = {
  examples: [
    ['queue --servers 8 --arrival-rate 900/s --service-time 8ms', 'waits and responses of M/M/8'],
    [
      'queue --servers 10 --arrival-rate 500/s --service-time 10ms --service-cv 3',
      'of a queue whose service times scatter more',
    ],
    ['queue network shop.json', 'a closed or open network of queues'],
  ],
  flags: (yargs) =>
    withFlags(yargs, options)
      .positional('what', { type: 'string', describe: '"network": solve the network in the file that follows' })
      .positional('file', { type: 'string', describe: 'JSON: kind, classes, stations' }),
  check: async (flags) => (flags.what === undefined ? queueFrom(flags) : readNetwork(flags)),
  run: async (flags, { terminal, seed }) => {
    if (flags.what !== undefined) {
      const figures = networkFigures(await readNetwork(flags), flags.file ?? '');
      printFigures(terminal, 'plimsoll/queue-network/1', figures, composeNetwork);
      return exitCodes.done;
    }
    const { load, limit } = queueFrom(flags);
    const markov = load.arrivalCv === 1 && load.serviceCv === 1;
    const figures = markov ? markovFigures(load, limit) : generalFigures(load, flags.approximation, seed ?? 1);
    printFigures(terminal, 'plimsoll/queue/1', figures, composeQueue);
    return exitCodes.done;
  },
};

const singleFlags = [
  ['--servers', 'servers'],
  ['--arrival-rate', 'arrivalRate'],
  ['--service-time', 'serviceTime'],
  ['--limit', 'limit'],
  ['--arrival-cv', 'arrivalCv'],
  ['--service-cv', 'serviceCv'],
] as const;

async function readNetwork(flags: Flags): Promise<string> {
  const reasons: Misuse[] = singleFlags.flatMap(([name, key]) =>
    flags[key] === undefined
      ? []
      : [{ where: name, message: 'a network has its figures in its file', hint: `leave ${name} out` }],
  );
  if (flags.what !== 'network')
    reasons.push({
      where: `queue ${flags.what}`,
      message: 'is nothing to work out',
      hint: 'plimsoll queue network FILE.json',
    });
  else if (flags.file === undefined)
    reasons.push({ where: 'queue network', message: 'which file?', hint: 'plimsoll queue network FILE.json' });
  if (reasons.length > 0 || flags.file === undefined) throw new MisuseError(reasons);
  return await textOf(flags.file);
}

interface Asked {
  readonly load: {
    readonly servers: number;
    readonly arrivalRate: PerSecond;
    readonly serviceTime: Milliseconds;
    readonly arrivalCv: number;
    readonly serviceCv: number;
  };
  readonly limit: number | null;
}

/** All that is wrong with the flags at once; what has no steady state is refused with the bound that it breaks. */
function queueFrom(flags: Flags): Asked {
  const reasons: Misuse[] = [];
  const need = <T>(where: string, text: string | undefined, parse: (text: string) => T, example: string): T | null => {
    if (text === undefined) {
      reasons.push({ where, message: 'is missing', hint: `such as ${where} ${example}` });
      return null;
    }
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof UnitError)) throw error;
      reasons.push({ where, message: error.message, hint: error.hint });
      return null;
    }
  };
  const servers = need('--servers', flags.servers, (text) => whole(text, 1), '8');
  const arrivalRate = need('--arrival-rate', flags.arrivalRate, (text) => positive(parseRate(text), text), '500/s');
  const serviceTime = need('--service-time', flags.serviceTime, (text) => positive(parseDuration(text), text), '8ms');
  const arrivalCv = need('--arrival-cv', flags.arrivalCv ?? '1', variation, '0.5');
  const serviceCv = need('--service-cv', flags.serviceCv ?? '1', variation, '0.7');
  const limit =
    flags.limit === undefined ? null : need('--limit', flags.limit, (text) => whole(text, servers ?? 1), '100');
  const markov = arrivalCv === 1 && serviceCv === 1;
  if (limit !== null && arrivalCv !== null && serviceCv !== null && !markov)
    reasons.push({
      where: '--limit',
      message: 'there is no formula for a limited queue with such gaps or service times',
      hint: 'leave out either --limit or --arrival-cv and --service-cv',
    });
  if (servers !== null && arrivalRate !== null && serviceTime !== null && flags.limit === undefined) {
    const offered = eventsIn(arrivalRate, serviceTime);
    if (offered >= servers)
      reasons.push({
        where: '--arrival-rate',
        message: `the queue grows without bound: utilisation ${(offered / servers).toPrecision(4)} is not below 1`,
        hint: `${servers} servers carry less than ${rateText(rateOf(servers, serviceTime))}; more servers, a shorter --service-time, or a --limit`,
      });
  }
  if (
    reasons.length > 0 ||
    servers === null ||
    arrivalRate === null ||
    serviceTime === null ||
    arrivalCv === null ||
    serviceCv === null
  )
    throw new MisuseError(reasons);
  return { load: { servers, arrivalRate, serviceTime, arrivalCv, serviceCv }, limit };
}

function whole(text: string, least: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < least || value > largestLimit)
    throw new UnitError(`"${text}" is out of range`, `a whole number from ${least} to ${largestLimit}`);
  return value;
}

function positive<T extends number>(value: T, text: string): T {
  if (!(value > 0)) throw new UnitError(`"${text}" is not above 0`, 'nothing can be said of a queue without load');
  return value;
}

const variation = (text: string): number => parseVariation(text, largestCv);
const largestCv = 20;
