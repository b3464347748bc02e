import type { Options } from 'yargs';
import {
  type ExactNumber,
  compare,
  exactly,
  nearestFloat,
  parseExact,
  parseExactRate,
} from '../../../analysis/sizing/exact-number.ts';
import type { ReplicasAsked } from '../../../analysis/sizing/replicas.ts';
import { UnitError } from '../../../model/units.ts';
import { toYaml } from '../../../reports/render/to-yaml.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import { type KnownCapacity, capacityOfRun } from '../../capacity-of-run.ts';
import type { Command } from '../../command.ts';
import { composeReplicas } from '../../compose-replicas.ts';
import { exitCodes } from '../../exit-codes.ts';
import { parseCount } from '../../parse-count.ts';
import { printFigures } from '../../print-figures.ts';
import { replicasFigures, unknownReplicas } from '../../replicas-figures.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  capacity: { type: 'string', describe: 'what one instance carries with its objectives met (900/s)' },
  run: { type: 'string', describe: 'instead: a run whose water-level is that capacity (id, prefix, folder, "last")' },
  forecast: {
    type: 'string',
    describe: 'peak of all instances together (12000/s), or its two ends (11000/s..13000/s)',
  },
  burst: { type: 'string', default: '1', describe: 'the highest second over the forecast peak (1.2)' },
  balance: { type: 'string', default: '1', describe: 'mean load of an instance / that of the busiest (0.9)' },
  zones: { type: 'string', default: '1', describe: 'availability zones' },
  'zones-lost': { type: 'string', default: '0', describe: 'zones that may fail at the peak' },
  'max-unavailable': { type: 'string', default: '0', describe: 'instances that a rolling update takes away at a time' },
  'max-surge': { type: 'string', default: '1', describe: 'instances that a rolling update adds: they connect, too' },
  pool: { type: 'string', describe: 'database connections that one instance may open' },
  'database-connections': { type: 'string', describe: 'database connections there are for this service' },
  format: { choices: ['hpa', 'keda'] as const, describe: 'print settings of an autoscaler instead, as YAML' },
  deployment: { type: 'string', default: 'app', describe: 'name of the Deployment (--format)' },
  metric: {
    type: 'string',
    default: 'http_requests_per_second',
    describe: 'per-pod metric of requests per second (--format hpa)',
  },
  prometheus: { type: 'string', default: 'http://prometheus:9090', describe: 'address of Prometheus (--format keda)' },
  query: {
    type: 'string',
    default: 'sum(rate(http_requests_total[2m]))',
    describe: 'requests per second of all instances together, in PromQL (--format keda)',
  },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options>;

export const sizeReplicas: Command<Flags> = {
  examples: [
    ['size replicas --capacity 900/s --forecast 12000/s', 'instances for a forecast'],
    [
      'size replicas --capacity 900/s --forecast 12000/s --zones 3 --zones-lost 1 --balance 0.9 --max-unavailable 1',
      'with a zone that may fail, uneven load and rolling updates',
    ],
    [
      'size replicas --capacity 900/s --forecast 11000/s..13000/s --pool 10 --database-connections 300',
      'of an uncertain forecast, with the database looked at again',
    ],
    ['size replicas --capacity 900/s --forecast 12000/s --format hpa', 'as settings of an autoscaler'],
  ],
  flags: (yargs) => withFlags(yargs, options),
  check: async (flags) => askedBy(flags),
  run: async (flags, { terminal, runsDirectory }) => {
    const asked = askedBy(flags);
    const known =
      flags.run === undefined ? givenCapacity(asked.capacity) : await capacityOfRun(flags.run, runsDirectory);
    const { format, deployment, metric, prometheus, query } = flags;
    const autoscaler =
      format === undefined ? null : { format, deployment, metric, prometheus: { address: prometheus, query } };
    const figures =
      known.status === 'unknown' ? unknownReplicas(known, asked) : replicasFigures(asked, known, autoscaler);
    if (figures.manifest !== null && !terminal.json)
      terminal.out(`${figures.arithmetic.map((line) => `# ${line}\n`).join('')}${toYaml(figures.manifest)}`);
    else printFigures(terminal, 'plimsoll/size-replicas/1', figures, composeReplicas);
    return figures.warnings.length > 0 ? exitCodes.inconclusive : exitCodes.done;
  },
};

const givenCapacity = (capacity: ExactNumber): KnownCapacity => ({
  status: 'known',
  perSecond: nearestFloat(capacity),
  exactly: capacity,
  source: 'given',
  note: null,
});

/** All that is wrong with the flags at once; `capacity` is 1 where a run gives it. */
function askedBy(flags: Flags): ReplicasAsked {
  const reasons = new Reasons();
  const one = exactly(1);
  const read = <T>(where: string, fallback: T, parse: () => T): T => reasons.collect(where, fallback, parse);
  const count = (where: string, text: string, least: number): number =>
    read(where, least, () => parseCount(text, least));
  const countOrNone = (where: string, text: string | undefined): number | null =>
    text === undefined ? null : count(where, text, 1);
  if ((flags.capacity === undefined) === (flags.run === undefined))
    reasons.add(
      '--capacity',
      flags.run === undefined ? 'is missing' : 'and --run are both given',
      'either --capacity 900/s or --run RUN: what one instance carries',
    );
  const capacity = read('--capacity', one, () => aboveZero(flags.capacity ?? '1', parseExactRate));
  const forecast = read('--forecast', { low: one, high: one }, () => forecastFrom(flags.forecast));
  const burst = read('--burst', one, () => aboveZero(flags.burst, parseExact));
  if (compare(burst, one) < 0) reasons.add('--burst', `"${flags.burst}" is below 1`, 'the highest second is no lower');
  const balance = read('--balance', one, () => aboveZero(flags.balance, parseExact));
  if (compare(balance, one) > 0)
    reasons.add('--balance', `"${flags.balance}" is above 1`, 'no mean is above its maximum; 1 is perfectly even');
  const zones = count('--zones', flags.zones, 1);
  const zonesLost = count('--zones-lost', flags.zonesLost, 0);
  if (zonesLost >= zones)
    reasons.add('--zones-lost', `of ${zones} zones ${zonesLost} cannot be lost`, 'at least one zone must be left');
  const asked = {
    capacity,
    forecast,
    burst,
    balance,
    zones,
    zonesLost,
    maxUnavailable: count('--max-unavailable', flags.maxUnavailable, 0),
    maxSurge: count('--max-surge', flags.maxSurge, 0),
    database: {
      pool: countOrNone('--pool', flags.pool),
      connections: countOrNone('--database-connections', flags.databaseConnections),
    },
  };
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return asked;
}

/** "12000/s", or the two ends of what it may be: "11000/s..13000/s". */
function forecastFrom(text: string | undefined): ReplicasAsked['forecast'] {
  const hint = 'write --forecast 12000/s, or its two ends: 11000/s..13000/s';
  if (text === undefined) throw new UnitError('is missing', hint);
  const [low = '', high = low, ...more] = text.split('..');
  if (more.length > 0) throw new UnitError(`"${text}" is no forecast`, hint);
  const forecast = { low: aboveZero(low, parseExactRate), high: aboveZero(high, parseExactRate) };
  if (compare(forecast.low, forecast.high) > 0)
    throw new UnitError(`"${text}": its ends are the wrong way round`, hint);
  return forecast;
}

function aboveZero(text: string, parse: (text: string) => ExactNumber): ExactNumber {
  const value = parse(text);
  if (value.over === 0n) throw new UnitError(`"${text}" is not above 0`, 'nothing can be said of no load');
  return value;
}
