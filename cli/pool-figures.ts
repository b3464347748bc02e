import type { ConnectionsAsked } from '../analysis/sizing/pool/connection-share.ts';
import { idleSettings } from '../analysis/sizing/pool/idle-settings.ts';
import {
  type SizingDoubt,
  type SizingQuestion,
  serversFor,
  sizeServers,
} from '../analysis/sizing/waits/size-servers.ts';
import { type WaitingLoad, busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { type Milliseconds, milliseconds, perSecond } from '../model/units.ts';
import { type IdleFigures, churnTexts, goSettings, idleFigures } from './idle-figures.ts';
import {
  type HoldFigures,
  type Measured,
  type MeasuredPool,
  type MeasuredPoolFigures,
  holdContradiction,
  holdFigures,
  holdGrowth,
  measuredBy,
  measuredPoolFigures,
  modelContradiction,
} from './measured-pool-figures.ts';
import { type PoolBounds, boundLines, boundsOf, databaseOf } from './pool-bounds.ts';
import { type PoolRefusal, boundRemedy, boundText, poolRefusal, refusalText } from './pool-refusal.ts';
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
  readonly measured: MeasuredPool | null;
  /** Whether the scatter of the hold times is that of a histogram of the run. */
  readonly variationMeasured: boolean;
  readonly queriesPerRequest: number;
  readonly databaseServers: number | null;
  readonly connections: ConnectionsAsked | null;
  /** Requests at once, and connections that each of them holds at once. */
  readonly held: { readonly requestsAtOnce: number; readonly connectionsPerRequest: number } | null;
}

export interface PoolWarning {
  readonly code:
    | SizingDoubt
    | PoolRefusal
    | 'hold-unknown'
    | 'beyond-measured-range'
    | 'hold-grows'
    | 'hold-sources-differ'
    | 'waits-not-as-predicted'
    | 'database-as-measured'
    | 'connection-churn'
    | TableWarning['code']
    | 'acquisitions-below-held';
  readonly message: string;
}

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
  /** Where the hold times come from, and how much they scatter, in words. */
  readonly holdTimeFrom: string;
  /** Stages of the runs that the hold time was taken from; null where it was given. */
  readonly measured: MeasuredPoolFigures | null;
  /** Whether hold times grow with the connections in use; null where the hold time was given. */
  readonly holdModel: HoldFigures | null;
  readonly objective: { readonly limitMs: Milliseconds; readonly share: number };
  readonly table: readonly ({ readonly connections: number } & WaitRow)[];
  readonly bounds: {
    /** Statements at once: as given, or this pool's part of what was measured. */
    readonly database: number | null;
    /** Connections in use beyond which the database gave no more; null where the stages do not tell, or were not asked. */
    readonly databaseMeasured: Measured | null;
    /** Of the database's connections those that each instance may have. */
    readonly connections: number | null;
    readonly deadlock: number | null;
  };
  /** How the bound of the connections is worked out, line by line. */
  readonly arithmetic: readonly string[];
  readonly driver: PoolDriver;
  readonly discipline: 'random' | 'fifo';
  /** Lines of Go that set it. */
  readonly settings: readonly string[];
  readonly idle: IdleFigures | null;
  readonly method: string;
  readonly assumptions: readonly string[];
  /** What else would be needed if; null where the database would be saturated, or no number is known. */
  readonly sensitivity: readonly { readonly change: string; readonly connections: number | null }[];
  readonly warnings: readonly PoolWarning[];
}

export const poolOrder = (driver: PoolDriver): WaitingLoad['order'] => (driver === 'database/sql' ? 'random' : 'fifo');

export function poolFigures(asked: PoolAsked, seed: number): PoolFigures {
  const { load, objective, driver } = asked;
  const bounds = boundsOf({ ...asked, holds: asked.measured?.holds ?? [] });
  const { deadlock } = bounds;
  const measured = measuredPoolFigures(asked.measured, asked, seed);
  const churn = asked.measured?.churn ?? [];
  const question: SizingQuestion = { ...asked, atMost: bounds.atMost?.bound ?? null, atLeast: deadlock ?? 1, seed };
  const sizing = sizeServers(question);
  const common = {
    busyConnections: busyServers(load),
    acquisitionsPerSecond: load.arrivalRate,
    holdTimeMs: load.serviceTime,
    holdTimeFrom: sourceOf(asked),
    measured,
    objective: { limitMs: objective.limit, share: objective.share },
    holdModel: holdFigures(asked.measured),
    bounds: boundFigures(bounds, asked),
    driver,
    discipline: load.order,
    method: waitMethod(load, 'hold times'),
    assumptions: assumptionsOf(asked),
  };
  if (sizing.status === 'refused') {
    const code = poolRefusal(sizing.reason, bounds);
    return {
      recommended: null,
      ...common,
      table: [],
      arithmetic: boundLines(asked.connections, null),
      settings: [],
      idle: null,
      sensitivity: [],
      warnings: [{ code, message: refusalText(code, load, bounds) }, ...databaseWarning(bounds, asked)],
    };
  }
  const { servers: connections, low, high, needed, rows, doubts } = sizing;
  const ranges = asked.lightest !== load;
  const table = rows.map((waits) => ({ connections: waits.servers, ...waitRow(waits, load, objective) }));
  const meetsObjective = table.find((row) => row.connections === connections)?.meetsObjective === true;
  const text: Record<SizingDoubt, string> = {
    'cut-to-bound': `the objective needs ${needed.estimate} connections, ${boundText(bounds)}: cut to ${connections}; ${boundRemedy(bounds)}`,
    'raised-to-bound': `the wait needs only ${needed.estimate} connections; fewer than ${deadlock} can deadlock, because each request holds several at once`,
    'bounds-conflict': `fewer than ${deadlock} connections can deadlock, yet ${boundText(bounds)}: let requests hold fewer connections at once, or admit fewer requests`,
    'simulation-undecided': `the simulation does not tell ${needed.low} to ${needed.high ?? 'unknown'} apart at the expected load; the larger is the safe one`,
    'heaviest-load-saturates': `at the heavy end of the ranges nothing is left: ${boundText(bounds)}`,
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
    arithmetic: boundLines(asked.connections, connections),
    settings: goSettings(driver, connections, idleSettings(connections, churn)),
    idle: idleFigures(connections, churn, {
      limitMs: objective.limit,
      expectedShare: table.find((row) => row.connections === connections)?.probabilityOverObjective ?? null,
    }),
    sensitivity: sensitivityOf(question, driver),
    warnings: [
      ...doubts.map((code) => ({ code, message: text[code] })),
      ...measurementDoubts(asked, measured),
      ...databaseWarning(bounds, asked),
      ...churnTexts(churn).map((message) => ({ code: 'connection-churn' as const, message })),
      ...(asked.held !== null && asked.held.connectionsPerRequest > asked.queriesPerRequest
        ? [
            {
              code: 'acquisitions-below-held' as const,
              message: `each request holds ${asked.held.connectionsPerRequest} connections at once and --queries-per-request counts ${asked.queriesPerRequest}: the waits are those of so few acquisitions`,
            },
          ]
        : []),
      ...tableWarnings(table, meetsObjective, `${connections} connections`),
    ],
  };
}

function boundFigures(
  { database, connections, deadlock }: PoolBounds,
  { databaseServers, measured }: PoolAsked,
): PoolFigures['bounds'] {
  const found = databaseServers === null ? databaseOf(measured?.holds ?? []) : null;
  return {
    database,
    databaseMeasured:
      found?.status === 'identified'
        ? measuredBy(
            found.law === 'hard-limit'
              ? 'knee of a hard limit, profile likelihood'
              : 'peak of the Universal Scalability Law, profile likelihood',
            found.servers,
          )
        : null,
    connections,
    deadlock,
  };
}

/** The number of statements at once comes from the run itself: worth a second look before it is relied on. */
function databaseWarning({ databaseBy, database }: PoolBounds, { connections }: PoolAsked): readonly PoolWarning[] {
  if (databaseBy !== 'measured') return [];
  const part = connections === null ? '' : `, ${connections.replicas + connections.maxSurge} instances sharing it`;
  return [
    {
      code: 'database-as-measured',
      message: `the database gave no more with more than ${database} statements of this pool at once, as measured${part}; --database-servers says it where you know better`,
    },
  ];
}

/** Nothing can be sized from a run that does not show the hold time at the rate that is asked for. */
export function unknownPool(
  asked: PoolAsked,
  code: 'hold-unknown' | 'beyond-measured-range',
  message: string,
): PoolFigures {
  const { load, objective, driver, connections } = asked;
  return {
    recommended: null,
    busyConnections: null,
    acquisitionsPerSecond: load.arrivalRate,
    holdTimeMs: null,
    holdTimeFrom: 'unknown',
    measured: null,
    holdModel: null,
    objective: { limitMs: objective.limit, share: objective.share },
    table: [],
    bounds: boundFigures(boundsOf({ ...asked, holds: [] }), { ...asked, measured: null }),
    arithmetic: boundLines(connections, null),
    driver,
    discipline: load.order,
    settings: [],
    idle: null,
    method: "hold time by Little's law from a run",
    assumptions: [],
    sensitivity: [],
    warnings: [{ code, message }],
  };
}

/** Doubts about what the runs say, each where there is one. */
function measurementDoubts(
  { measured, objective }: PoolAsked,
  figures: MeasuredPoolFigures | null,
): readonly PoolWarning[] {
  const doubts = [
    ['hold-grows', holdGrowth(measured)],
    ['hold-sources-differ', holdContradiction(measured)],
    ['waits-not-as-predicted', modelContradiction(figures, objective.share)],
  ] as const;
  return doubts.flatMap(([code, message]) => (message === null ? [] : [{ code, message }]));
}

function sourceOf({ measured, variationMeasured, load }: PoolAsked): string {
  const scatter = variationMeasured
    ? `their cv ${Number(load.serviceCv.toPrecision(3))} measured in the stage nearest in rate`
    : `their cv ${load.serviceCv} assumed or given`;
  const sources = measured === null ? ['given'] : [...new Set(measured.holds.map(({ holdFrom }) => holdFrom))];
  return `${sources.join('; ')}; ${scatter}`;
}

function assumptionsOf({ load, queriesPerRequest }: PoolAsked): readonly string[] {
  return [
    'the load is that of one instance with one pool; its rate is steady for longer than the line takes to form',
    `hold time is from acquire to release, ${Number(load.serviceTime.toPrecision(4))} ms on average, and does not grow with the pool (no row locks, a database with room)`,
    ...(queriesPerRequest === 1
      ? []
      : [
          `a request acquires ${Number(queriesPerRequest.toPrecision(3))} times, one after the other, and the objective is for each of them`,
        ]),
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
