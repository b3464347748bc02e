import { deadlockBound } from '../analysis/sizing/pool/deadlock-bound.ts';
import {
  type SizingDoubt,
  type SizingQuestion,
  serversFor,
  sizeServers,
} from '../analysis/sizing/waits/size-servers.ts';
import { mostSimulatedErlangs } from '../analysis/sizing/waits/smallest-servers.ts';
import { type WaitingLoad, busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { type Milliseconds, milliseconds, perSecond } from '../model/units.ts';
import type { PoolOfRun } from './pool-of-run.ts';
import {
  type TableWarning,
  type WaitRow,
  intervalMeaning,
  tableWarnings,
  waitMethod,
  waitRow,
} from './wait-figures.ts';

export const poolDrivers = ['database/sql', 'pgxpool'] as const;
export type PoolDriver = (typeof poolDrivers)[number];

export interface PoolAsked extends Pick<SizingQuestion, 'load' | 'lightest' | 'heaviest' | 'objective'> {
  readonly driver: PoolDriver;
  /** What the hold time was taken from; null where it was given. */
  readonly measured: (PoolOfRun & { readonly status: 'measured' }) | null;
  readonly queriesPerRequest: number;
  readonly databaseServers: number | null;
  /** Requests at once, and connections that each of them holds at once. */
  readonly held: { readonly requestsAtOnce: number; readonly connectionsPerRequest: number } | null;
}

export interface PoolWarning {
  readonly code:
    | SizingDoubt
    | RefusalCode
    | 'hold-unknown'
    | 'beyond-measured-range'
    | 'hold-grows'
    | TableWarning['code']
    | 'acquisitions-below-held';
  readonly message: string;
}

type RefusalCode = 'database-saturated' | 'too-large-to-simulate' | 'never-enough';

/** What `plimsoll size pool --json` prints, `schema` apart. */
export interface PoolFigures {
  readonly recommended: {
    readonly connections: number;
    readonly low: number;
    readonly high: number | null;
    readonly confidence: number | null;
    readonly method: string;
    readonly meetsObjective: boolean;
  } | null;
  /** Little's law: acquisitions per second × hold time. */
  readonly busyConnections: number | null;
  readonly acquisitionsPerSecond: number;
  readonly holdTimeMs: Milliseconds | null;
  /** Stages of the run that the hold time was taken from; null where it was given. */
  readonly measured: { readonly run: string; readonly pool: string; readonly stages: readonly MeasuredStage[] } | null;
  readonly objective: { readonly limitMs: Milliseconds; readonly share: number };
  readonly table: readonly ({ readonly connections: number } & WaitRow)[];
  readonly bounds: { readonly database: number | null; readonly deadlock: number | null };
  readonly driver: PoolDriver;
  readonly discipline: 'random' | 'fifo';
  /** Lines of Go that set it. */
  readonly settings: readonly string[];
  readonly method: string;
  readonly assumptions: readonly string[];
  /** What else would be needed if; null where the database would be saturated, or no number is known. */
  readonly sensitivity: readonly { readonly change: string; readonly connections: number | null }[];
  readonly warnings: readonly PoolWarning[];
}

interface MeasuredStage {
  readonly stage: number;
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly acquisitionsPerSecond: number;
  readonly inUse: Measured;
  readonly holdMs: Measured;
}

interface Measured {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  readonly method: string;
}

const measuredBy = (method: string, figure: Pick<Measured, 'estimate' | 'low' | 'high'>): Measured => ({
  ...figure,
  confidence: 0.95,
  method,
});

function measuredFigures({ measured }: PoolAsked): PoolFigures['measured'] {
  if (measured === null) return null;
  return {
    run: measured.run,
    pool: measured.pool,
    stages: measured.holds.map(({ inUse, hold, ...stage }) => ({
      ...stage,
      inUse: measuredBy('mean of the readings; batches of consecutive ones', inUse),
      holdMs: measuredBy("Little's law: in use / acquisitions per second", hold),
    })),
  };
}

export const poolOrder = (driver: PoolDriver): WaitingLoad['order'] => (driver === 'database/sql' ? 'random' : 'fifo');

export function poolFigures(asked: PoolAsked, seed: number): PoolFigures {
  const { load, objective, driver, databaseServers, held } = asked;
  const deadlock = deadlockOf(held);
  const question: SizingQuestion = { ...asked, atMost: databaseServers, atLeast: deadlock ?? 1, seed };
  const sizing = sizeServers(question);
  const common = {
    busyConnections: busyServers(load),
    acquisitionsPerSecond: load.arrivalRate,
    holdTimeMs: load.serviceTime,
    measured: measuredFigures(asked),
    objective: { limitMs: objective.limit, share: objective.share },
    bounds: { database: databaseServers, deadlock },
    driver,
    discipline: load.order,
    method: waitMethod(load, 'hold times'),
    assumptions: assumptionsOf(asked),
  };
  if (sizing.status === 'refused') {
    const code = sizing.reason === 'saturated' ? 'database-saturated' : sizing.reason;
    return {
      recommended: null,
      ...common,
      table: [],
      settings: [],
      sensitivity: [],
      warnings: [{ code, message: refusalText(code, asked) }],
    };
  }
  const { servers: connections, low, high, needed, rows, doubts } = sizing;
  const ranges = asked.lightest !== load;
  const table = rows.map((waits) => ({ connections: waits.servers, ...waitRow(waits, load, objective) }));
  const meetsObjective = table.find((row) => row.connections === connections)?.meetsObjective === true;
  const text: Record<SizingDoubt, string> = {
    'cut-to-bound': `the objective needs ${needed.estimate} connections, the database executes ${databaseServers} statements at once without slowing: cut to ${connections}; fewer or shorter statements, or a database that executes more`,
    'raised-to-bound': `the wait needs only ${needed.estimate} connections; fewer than ${deadlock} can deadlock, because each request holds several at once`,
    'bounds-conflict': `fewer than ${deadlock} connections can deadlock, yet the database executes ${databaseServers} statements at once: let requests hold fewer connections at once, or admit fewer requests`,
    'simulation-undecided': `the simulation does not tell ${needed.low} to ${needed.high ?? 'unknown'} apart at the expected load; the larger is the safe one`,
    'heaviest-load-saturates': `at the heavy end of the ranges given the database itself is saturated (${databaseServers} statements at once)`,
    'high-unknown': 'no number is known to be enough at the heavy end',
  };
  return {
    recommended: {
      connections,
      low,
      high,
      confidence: common.method.startsWith('simulated') && !ranges ? 0.95 : null,
      method: intervalMeaning(load, ranges),
      meetsObjective,
    },
    ...common,
    table,
    settings: settingsFor(driver, connections),
    sensitivity: sensitivityOf(question, driver),
    warnings: [
      ...doubts.map((code) => ({ code, message: text[code] })),
      ...growthOf(asked),
      ...(held !== null && held.connectionsPerRequest > asked.queriesPerRequest
        ? [
            {
              code: 'acquisitions-below-held' as const,
              message: `each request holds ${held.connectionsPerRequest} connections at once and --queries-per-request counts ${asked.queriesPerRequest}: the waits are those of so few acquisitions`,
            },
          ]
        : []),
      ...tableWarnings(table, meetsObjective, `${connections} connections`),
    ],
  };
}

const deadlockOf = (held: PoolAsked['held']): number | null =>
  held === null ? null : deadlockBound(held.requestsAtOnce, held.connectionsPerRequest);

/** Nothing can be sized from a run that does not show the hold time at the rate that is asked for. */
export function unknownPool(
  { load, objective, driver, databaseServers, held }: PoolAsked,
  code: 'hold-unknown' | 'beyond-measured-range',
  message: string,
): PoolFigures {
  return {
    recommended: null,
    busyConnections: null,
    acquisitionsPerSecond: load.arrivalRate,
    holdTimeMs: null,
    measured: null,
    objective: { limitMs: objective.limit, share: objective.share },
    table: [],
    bounds: { database: databaseServers, deadlock: deadlockOf(held) },
    driver,
    discipline: load.order,
    settings: [],
    method: "hold time by Little's law from a run",
    assumptions: [],
    sensitivity: [],
    warnings: [{ code, message }],
  };
}

/** A hold time that is longer in the highest stage than in the lowest, beyond both intervals. */
function growthOf({ measured }: PoolAsked): readonly PoolWarning[] {
  const [first, last] = [measured?.holds[0], measured?.holds.at(-1)];
  if (first === undefined || last === undefined || last.hold.low <= first.hold.high) return [];
  return [
    {
      code: 'hold-grows',
      message: `hold times grew from ${first.hold.estimate.toPrecision(3)} ms at ${first.requestsPerSecond.toPrecision(3)} requests/s to ${last.hold.estimate.toPrecision(3)} ms at ${last.requestsPerSecond.toPrecision(3)}: what they wait for slows under load, and more connections may slow it further`,
    },
  ];
}

function refusalText(code: RefusalCode, { load, databaseServers }: PoolAsked): string {
  const busy = busyServers(load).toPrecision(4);
  switch (code) {
    case 'database-saturated':
      return `the database is saturated, and no pool helps: ${Number(load.arrivalRate.toPrecision(4))} acquisitions/s of ${Number(load.serviceTime.toPrecision(4))} ms keep ${Number(busy)} statements running, it executes ${databaseServers} at once; shorter or fewer statements, or a database that executes more`;
    case 'too-large-to-simulate':
      return `${Number(busy)} busy connections are more than a simulation can settle (${mostSimulatedErlangs}): size one instance, or take hold times as exponential (--hold-cv 1)`;
    case 'never-enough':
      return 'no number of connections is known to meet the objective; a longer limit, or a lower load';
    default:
      return code satisfies never;
  }
}

/** A limit on idle connections below the pool's size closes and dials connections all the time (default: 2). */
function settingsFor(driver: PoolDriver, connections: number): readonly string[] {
  return driver === 'database/sql'
    ? [`db.SetMaxOpenConns(${connections})`, `db.SetMaxIdleConns(${connections})`]
    : [`config.MaxConns = ${connections}`];
}

function assumptionsOf({ load, queriesPerRequest }: PoolAsked): readonly string[] {
  return [
    'the load is that of one instance with one pool; its rate is steady for longer than the line takes to form',
    `hold time is from acquire to release, ${Number(load.serviceTime.toPrecision(4))} ms on average, and does not grow with the pool (no row locks, a database with room)`,
    ...(queriesPerRequest === 1
      ? []
      : [`a request acquires ${queriesPerRequest} times, one after the other, and the objective is for each of them`]),
    'connections are open already: dialling new ones is not in the wait',
  ];
}

function sensitivityOf(question: SizingQuestion, driver: PoolDriver): PoolFigures['sensitivity'] {
  const { load } = question;
  const other = driver === 'database/sql' ? 'pgxpool' : 'database/sql';
  const changes: readonly (readonly [string, Partial<WaitingLoad>])[] = [
    ['20 % more arrivals', { arrivalRate: perSecond(load.arrivalRate * 1.2) }],
    ['hold time twice as long (a slow database)', { serviceTime: milliseconds(load.serviceTime * 2) }],
    load.serviceCv === 1
      ? ['hold times of cv 3 (some long transactions)', { serviceCv: 3 }]
      : ['exponential hold times (cv 1)', { serviceCv: 1 }],
    [`${other} in place of ${driver}`, { order: poolOrder(other) }],
  ];
  return changes.map(([change, to]) => ({ change, connections: serversFor({ ...load, ...to }, question) }));
}
