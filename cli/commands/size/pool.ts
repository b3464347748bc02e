import type { Options } from 'yargs';
import { UnitError } from '../../../model/units.ts';
import { MisuseError } from '../../../scenarios/misuse.ts';
import { Reasons } from '../../../scenarios/reasons.ts';
import type { Command } from '../../command.ts';
import { composePool } from '../../compose-pool.ts';
import { exitCodes } from '../../exit-codes.ts';
import { parseCount } from '../../parse-count.ts';
import { type PoolAsked, poolDrivers, poolFigures, poolOrder } from '../../pool-figures.ts';
import { printFigures } from '../../print-figures.ts';
import { readWaiting } from '../../waiting-flags.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  'arrival-rate': { type: 'string', describe: 'requests per second of one instance (500/s, or 450/s..550/s)' },
  'hold-time': { type: 'string', describe: 'mean time from acquire to release (10ms, or 8ms..12ms)' },
  'hold-cv': { type: 'string', default: '1', describe: 'standard deviation / mean of the hold times' },
  'arrival-cv': {
    type: 'string',
    default: '1',
    describe: 'standard deviation / mean of the gaps between acquisitions',
  },
  'queries-per-request': {
    type: 'string',
    default: '1',
    describe: 'acquisitions per request, one after the other; the objective is for each',
  },
  driver: {
    choices: poolDrivers,
    default: 'database/sql' as const,
    describe: 'database/sql hands a freed connection to any waiter, pgxpool to the first',
  },
  'wait-objective': { type: 'string', describe: "'p99<5ms' or 'within(5ms)>=99%', for the wait of one acquisition" },
  'database-servers': { type: 'string', describe: 'statements that the database executes at once without slowing' },
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
      "size pool --arrival-rate 50/s --hold-time 10ms --wait-objective 'p99<5ms' --requests-at-once 8 --connections-per-request 3",
      'each request holds three connections at once',
    ],
  ],
  flags: (yargs) => withFlags(yargs, options),
  check: async (flags) => askedBy(flags),
  run: async (flags, { terminal, seed }) => {
    const figures = poolFigures(askedBy(flags), seed ?? 1);
    printFigures(terminal, 'plimsoll/size-pool/1', figures, composePool);
    return figures.recommended === null ? exitCodes.inconclusive : exitCodes.done;
  },
};

/** All that is wrong with the flags at once. */
function askedBy(flags: Flags): PoolAsked {
  const reasons = new Reasons();
  const count = (where: string, text: string | undefined): number | null =>
    text === undefined ? null : reasons.collect(where, null, () => parseCount(text, 1));
  const queriesPerRequest = reasons.collect('--queries-per-request', 1, () => perRequest(flags.queriesPerRequest));
  const waiting = readWaiting(
    {
      ...flags,
      time: flags.holdTime,
      timeFlag: '--hold-time',
      timeCv: flags.holdCv,
      order: poolOrder(flags.driver),
      perArrival: queriesPerRequest,
    },
    reasons,
  );
  const databaseServers = count('--database-servers', flags.databaseServers);
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
    driver: flags.driver,
    queriesPerRequest,
    databaseServers,
    held: requestsAtOnce === null || connectionsPerRequest === null ? null : { requestsAtOnce, connectionsPerRequest },
  };
}

function perRequest(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new UnitError(`"${text}" is not a number above 0`, 'acquisitions per request, on average: 3 or 1.5');
  return value;
}
