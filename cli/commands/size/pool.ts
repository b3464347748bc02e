import type { Options } from 'yargs';
import { holdAt } from '../../../analysis/sizing/pool/measured-hold.ts';
import { parseRate, perSecond } from '../../../model/units.ts';
import { formatRate } from '../../../reports/format-quantity.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command } from '../../command.ts';
import { composePool } from '../../compose-pool.ts';
import { exitCodes } from '../../exit-codes.ts';
import { parseCount } from '../../parse-count.ts';
import { parsePerRequest } from '../../parse-per-request.ts';
import {
  type PoolAsked,
  type PoolFigures,
  poolDrivers,
  poolFigures,
  poolOrder,
  unknownPool,
} from '../../pool-figures.ts';
import type { MeasuredPool } from '../../measured-pool-figures.ts';
import { poolOfRuns } from '../../pool-of-run.ts';
import { printFigures } from '../../print-figures.ts';
import { type InputRange, parseRange } from '../../input-range.ts';
import { readWaiting } from '../../waiting-flags.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  'arrival-rate': { type: 'string', describe: 'requests per second of one instance (500/s, or 450/s..550/s)' },
  'hold-time': { type: 'string', describe: 'mean time from acquire to release (10ms, or 8ms..12ms)' },
  run: {
    type: 'string',
    array: true,
    describe: 'instead: a run that shows the hold time at that rate (id, prefix, folder, "last"); repeatable',
  },
  pool: { type: 'string', describe: 'of several pools in the run this one' },
  'hold-cv': { type: 'string', describe: 'standard deviation / mean of the hold times, if not 1 and no run tells' },
  'arrival-cv': {
    type: 'string',
    default: '1',
    describe: 'standard deviation / mean of the gaps between acquisitions',
  },
  'queries-per-request': {
    type: 'string',
    describe: 'acquisitions per request, one after the other, if not 1; the objective is for each',
  },
  driver: {
    choices: poolDrivers,
    describe: 'database/sql (if none is named, nor known from the run) serves any waiter, pgxpool the first',
  },
  'wait-objective': { type: 'string', describe: "'p99<5ms' or 'within(5ms)>=99%', for the wait of one acquisition" },
  'database-servers': { type: 'string', describe: 'statements that the database executes at once without slowing' },
  'max-connections': { type: 'string', describe: 'connections that the database takes (max_connections)' },
  reserved: {
    type: 'string',
    default: '3',
    describe: 'of these for administrators (superuser_reserved_connections and reserved_connections)',
  },
  'other-clients': { type: 'string', default: '0', describe: 'of these for other services, jobs and people' },
  replicas: { type: 'string', default: '1', describe: 'instances of this service, each with such a pool' },
  'max-surge': { type: 'string', default: '1', describe: 'instances that a rolling update adds: they connect, too' },
  'requests-at-once': { type: 'string', describe: 'requests that run at once (with --connections-per-request)' },
  'connections-per-request': { type: 'string', describe: 'connections that one request holds at the same time' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options>;

export const sizePool: Command<Flags> = {
  examples: [
    ["size pool --arrival-rate 500/s --hold-time 10ms --wait-objective 'p99<5ms'", 'for database/sql'],
    [
      "size pool --arrival-rate 500/s --hold-time 8ms..12ms --hold-cv 3 --driver pgxpool --wait-objective 'p99<5ms'",
      'hold times that scatter more and are not known exactly',
    ],
    [
      "size pool --arrival-rate 500/s --hold-time 10ms --wait-objective 'p99<5ms' --database-servers 16",
      'behind it a database that executes 16 statements at once',
    ],
    [
      "size pool --arrival-rate 500/s --hold-time 10ms --wait-objective 'p99<5ms' --max-connections 100 --other-clients 5 --replicas 4",
      'four instances share 100 connections, a rolling update under way',
    ],
    [
      "size pool --arrival-rate 50/s --hold-time 10ms --wait-objective 'p99<5ms' --requests-at-once 8 --connections-per-request 3",
      'each request holds three connections at once',
    ],
    [
      "size pool --run last --arrival-rate 500/s --queries-per-request 1 --wait-objective 'p99<5ms'",
      'as a run measured it',
    ],
  ],
  flags: (yargs) => withFlags(yargs, options),
  check: async (flags) => askedBy(flags, null),
  run: async (flags, { terminal, seed, runsDirectory }) => {
    const figures = await figuresFor(flags, seed ?? 1, runsDirectory);
    printFigures(terminal, 'plimsoll/size-pool/1', figures, composePool);
    return figures.recommended === null ? exitCodes.inconclusive : exitCodes.done;
  },
};

async function figuresFor(flags: Flags, seed: number, runsDirectory: string): Promise<PoolFigures> {
  const given = askedBy(flags, null);
  if (flags.run === undefined) return poolFigures(given, seed);
  const acquisitions = flags.queriesPerRequest === undefined ? null : given.queriesPerRequest;
  const measured = await poolOfRuns(flags.run, runsDirectory, flags.pool ?? null, acquisitions, given.objective.limit);
  if (measured.status === 'unknown') return unknownPool(given, 'hold-unknown', measured.reason);
  const asked = askedBy(flags, measured);
  return holdOf(measured, flags.arrivalRate) === null
    ? unknownPool(
        asked,
        'beyond-measured-range',
        `${flags.arrivalRate} is beyond ${measured.runs.join(', ')}, whose highest valid stage answered ${formatRate(measured.holds.at(-1)?.requestsPerSecond ?? null)}: the database may be slower there; measure a stage at that rate, or give --hold-time instead of --run`,
      )
    : poolFigures(asked, seed);
}

/** All that is wrong with the flags at once; before the run was read the hold time is not to be used. */
function askedBy(flags: Flags, measured: MeasuredPool | null): PoolAsked {
  const reasons = new Reasons();
  const count = (where: string, text: string | undefined): number | null =>
    text === undefined ? null : reasons.collect(where, null, () => parseCount(text, 1));
  if (flags.run !== undefined && flags.holdTime !== undefined)
    reasons.add('--hold-time', 'and --run are both given', 'either --hold-time 10ms, or a run that measured it');
  if (flags.pool !== undefined && flags.run === undefined)
    reasons.add('--pool', 'names a pool of a run', 'add --run, or leave it out');
  const queriesPerRequest = reasons.collect('--queries-per-request', 1, () =>
    parsePerRequest(flags.queriesPerRequest ?? String(measured?.perRequest ?? 1), 'acquisitions'),
  );
  const driver = flags.driver ?? poolDrivers.find((each) => each === measured?.driver) ?? 'database/sql';
  if (measured !== null && flags.driver === undefined && driver !== measured.driver)
    reasons.add(
      '--driver',
      `is missing: the run's pool is of ${measured.driver}, whose order is not known`,
      `one of ${poolDrivers.join(', ')}`,
    );
  const hold = measured === null ? null : holdOf(measured, flags.arrivalRate);
  const variation = measured === null ? null : variationOf(measured, flags.arrivalRate);
  const anyHold = { low: 1, middle: 1, high: 1 };
  const waiting = readWaiting(
    {
      ...flags,
      time: flags.run === undefined ? flags.holdTime : (hold ?? anyHold),
      timeFlag: '--hold-time',
      timeCv: flags.holdCv ?? variation ?? '1',
      order: poolOrder(driver),
      perArrival: queriesPerRequest,
    },
    reasons,
  );
  const databaseServers = count('--database-servers', flags.databaseServers);
  const connections = connectionsOf(flags, reasons);
  const requestsAtOnce = count('--requests-at-once', flags.requestsAtOnce);
  const connectionsPerRequest = count('--connections-per-request', flags.connectionsPerRequest);
  if (connectionsPerRequest !== null && connectionsPerRequest > 1 && flags.requestsAtOnce === undefined)
    reasons.add(
      '--connections-per-request',
      'says nothing without the number of requests at once',
      'add --requests-at-once, such as the limit on concurrent requests',
    );
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  return {
    ...waiting,
    driver,
    measured,
    variationMeasured: variation !== null && flags.holdCv === undefined,
    queriesPerRequest,
    databaseServers,
    connections,
    held: requestsAtOnce === null || connectionsPerRequest === null ? null : { requestsAtOnce, connectionsPerRequest },
  };
}

/** The flags of the database's connections say something only together with how many there are. */
function connectionsOf(flags: Flags, reasons: Reasons): PoolAsked['connections'] {
  const asked = {
    reserved: reasons.collect('--reserved', 0, () => parseCount(flags.reserved, 0)),
    otherClients: reasons.collect('--other-clients', 0, () => parseCount(flags.otherClients, 0)),
    replicas: reasons.collect('--replicas', 1, () => parseCount(flags.replicas, 1)),
    maxSurge: reasons.collect('--max-surge', 0, () => parseCount(flags.maxSurge, 0)),
  };
  const { maxConnections } = flags;
  if (maxConnections !== undefined)
    return { ...asked, maxConnections: reasons.collect('--max-connections', 1, () => parseCount(maxConnections, 1)) };
  const changed = [
    ...(flags.otherClients === options['other-clients'].default ? [] : ['--other-clients']),
    ...(flags.replicas === options.replicas.default ? [] : ['--replicas']),
  ];
  for (const flag of changed)
    reasons.add(
      flag,
      'says nothing without the connections that the database takes',
      'add --max-connections, such as 100',
    );
  return null;
}

/** The hold time at the rate that is asked for; null beyond the run's rates, and where none can be read. */
function holdOf({ holds }: MeasuredPool, rate: string | undefined): InputRange | null {
  if (rate === undefined) return null;
  const asked = new Reasons().collect('', null, () => parseRange(rate, parseRate));
  if (asked === null) return null;
  const [low, middle, high] = [asked.low, asked.middle, asked.high].map((each) => holdAt(holds, perSecond(each)));
  return low != null && middle != null && high != null
    ? { low: low.low, middle: middle.estimate, high: high.high }
    : null;
}

/** The scatter of hold times in the stage whose rate is nearest; null where no histogram tells. */
function variationOf({ holds }: MeasuredPool, rate: string | undefined): InputRange | null {
  const asked = rate === undefined ? null : new Reasons().collect('', null, () => parseRange(rate, parseRate));
  if (asked === null) return null;
  const [nearest] = holds.toSorted(
    (one, other) => Math.abs(one.requestsPerSecond - asked.middle) - Math.abs(other.requestsPerSecond - asked.middle),
  );
  const variation = nearest?.variation ?? null;
  return variation === null ? null : { low: variation.low, middle: variation.estimate, high: variation.high };
}
