import type { ConnectionsAsked } from '../analysis/sizing/pool/connection-share.ts';
import type { HoldModel } from '../analysis/sizing/pool/hold-model.ts';
import { idleSettings } from '../analysis/sizing/pool/idle-settings.ts';
import {
  type SizingDoubt,
  type SizingQuestion,
  serversFor,
  sizeServers,
} from '../analysis/sizing/waits/size-servers.ts';
import { mostSimulatedErlangs } from '../analysis/sizing/waits/smallest-servers.ts';
import { type WaitingLoad, busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { rateText } from '../model/rate-text.ts';
import { type Milliseconds, milliseconds, perSecond } from '../model/units.ts';
import { formatLatency } from '../reports/format-quantity.ts';
import { type IdleFigures, churnTexts, goSettings, idleFigures } from './idle-figures.ts';
import { type PoolBounds, boundLines, boundsOf, databaseOf, holdModelOf } from './pool-bounds.ts';
import type { PoolOfRuns } from './pool-of-run.ts';
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
  readonly measured: (PoolOfRuns & { readonly status: 'measured' }) | null;
  readonly queriesPerRequest: number;
  readonly databaseServers: number | null;
  readonly connections: ConnectionsAsked | null;
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
    | 'database-as-measured'
    | 'connection-churn'
    | TableWarning['code']
    | 'acquisitions-below-held';
  readonly message: string;
}

type RefusalCode = 'database-saturated' | 'connections-exhausted' | 'too-large-to-simulate' | 'never-enough';

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
  /** Stages of the runs that the hold time was taken from; null where it was given. */
  readonly measured: {
    readonly runs: readonly string[];
    readonly pool: string;
    readonly stages: readonly MeasuredStage[];
  } | null;
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

interface HoldFigures {
  readonly shape: 'flat' | 'rising' | 'undecided' | 'not-identified';
  /** Hold time with the most connections in use / with the fewest. */
  readonly rise: Measured | null;
  /** The connections in use that it holds for. */
  readonly from: number | null;
  readonly to: number | null;
  /** Why the shape, or the number of statements at once, is not told. */
  readonly notes: readonly string[];
}

interface MeasuredStage {
  readonly run: string;
  /** The pool's size in that run; null where it is unlimited or unknown. */
  readonly maxOpen: number | null;
  readonly stage: number;
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly acquisitionsPerSecond: number;
  readonly inUse: Measured;
  readonly holdMs: Measured;
}

interface Measured {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
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
    runs: measured.runs,
    pool: measured.pool,
    stages: measured.holds.map(({ inUse, hold, holdBy, run, maxOpen, stage, name, ...rates }) => ({
      run,
      maxOpen,
      stage,
      name,
      requestsPerSecond: rates.requestsPerSecond,
      acquisitionsPerSecond: rates.acquisitionsPerSecond,
      inUse: measuredBy('mean of the readings; batches of consecutive ones', inUse),
      holdMs: measuredBy(
        holdBy === 'little' ? "Little's law: in use / acquisitions per second" : 'timed by the exporter; batches',
        hold,
      ),
    })),
  };
}

function holdFigures({ measured }: PoolAsked): HoldFigures | null {
  const holds = measured?.holds ?? [];
  const model = holdModelOf(holds);
  if (model === null) return null;
  const database = databaseOf(holds);
  const unknownDatabase =
    database?.status === 'not-identified' ? [`statements at once: not identified (${database.reason})`] : [];
  if (model.status === 'not-identified')
    return {
      shape: 'not-identified',
      rise: null,
      from: null,
      to: null,
      notes: [notIdentified[model.reason], ...unknownDatabase],
    };
  return {
    shape: model.shape,
    rise: measuredBy(holdLaws[model.law], {
      ...model.rise,
      high: Number.isFinite(model.rise.high) ? model.rise.high : null,
    }),
    from: model.from,
    to: model.to,
    notes: unknownDatabase,
  };
}

const holdLaws = {
  line: 'weighted straight line over the connections in use',
  knee: 'level up to a number of connections in use, then in proportion to them; weighted',
} as const;

const notIdentified: Readonly<Record<(HoldModel & { status: 'not-identified' })['reason'], string>> = {
  'too-few-points': 'whether hold times grow: not identified (three stages or runs at least)',
  'range-too-narrow': 'whether hold times grow: not identified (connections in use have to differ by a factor of two)',
};

export const poolOrder = (driver: PoolDriver): WaitingLoad['order'] => (driver === 'database/sql' ? 'random' : 'fifo');

export function poolFigures(asked: PoolAsked, seed: number): PoolFigures {
  const { load, objective, driver } = asked;
  const bounds = boundsOf({ ...asked, holds: asked.measured?.holds ?? [] });
  const { deadlock } = bounds;
  const churn = asked.measured?.churn ?? [];
  const question: SizingQuestion = { ...asked, atMost: bounds.atMost?.bound ?? null, atLeast: deadlock ?? 1, seed };
  const sizing = sizeServers(question);
  const common = {
    busyConnections: busyServers(load),
    acquisitionsPerSecond: load.arrivalRate,
    holdTimeMs: load.serviceTime,
    measured: measuredFigures(asked),
    objective: { limitMs: objective.limit, share: objective.share },
    holdModel: holdFigures(asked),
    bounds: boundFigures(bounds, asked),
    driver,
    discipline: load.order,
    method: waitMethod(load, 'hold times'),
    assumptions: assumptionsOf(asked),
  };
  if (sizing.status === 'refused') {
    const code = refusalCode(sizing.reason, bounds);
    return {
      recommended: null,
      ...common,
      table: [],
      arithmetic: boundLines(asked.connections, null),
      settings: [],
      idle: null,
      sensitivity: [],
      warnings: [{ code, message: refusalText(code, asked, bounds) }, ...databaseWarning(bounds, asked)],
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
      ...growthOf(asked),
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

function refusalCode(
  reason: 'saturated' | 'too-large-to-simulate' | 'never-enough',
  { atMost }: PoolBounds,
): RefusalCode {
  if (reason !== 'saturated') return reason;
  return atMost?.by === 'connections' ? 'connections-exhausted' : 'database-saturated';
}

function boundText({ database, databaseBy, connections, atMost }: PoolBounds): string {
  return atMost?.by === 'connections'
    ? `the database has ${connections} for each instance`
    : `the database executes ${database} statements at once without slowing${databaseBy === 'measured' ? ' (as measured)' : ''}`;
}

const boundRemedy = ({ atMost }: PoolBounds): string =>
  atMost?.by === 'connections'
    ? 'fewer instances, a pooler in between, or more connections of the database'
    : 'fewer or shorter statements, or a database that executes more';

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

/** A hold time that is longer in the highest stage than in the lowest, beyond both intervals. */
function growthOf({ measured }: PoolAsked): readonly PoolWarning[] {
  const [first, last] = [measured?.holds[0], measured?.holds.at(-1)];
  if (first === undefined || last === undefined || last.hold.low <= first.hold.high) return [];
  return [
    {
      code: 'hold-grows',
      message: `hold times grew from ${formatLatency(first.hold.estimate)} at ${rateText(first.requestsPerSecond)} to ${formatLatency(last.hold.estimate)} at ${rateText(last.requestsPerSecond)}: what they wait for slows under load, and more connections may slow it further`,
    },
  ];
}

function refusalText(code: RefusalCode, { load }: PoolAsked, bounds: PoolBounds): string {
  const busy = busyServers(load).toPrecision(4);
  switch (code) {
    case 'database-saturated':
      return `the database is saturated, and no pool helps: acquisitions at ${rateText(load.arrivalRate)}, ${Number(load.serviceTime.toPrecision(4))} ms each, keep ${Number(busy)} statements running, and ${boundText(bounds)}; ${boundRemedy(bounds)}`;
    case 'connections-exhausted':
      return `${Number(busy)} connections are busy on average, and ${boundText(bounds)}: ${boundRemedy(bounds)}`;
    case 'too-large-to-simulate':
      return `${Number(busy)} busy connections are more than a simulation can settle (${mostSimulatedErlangs}): size one instance, or take hold times as exponential (--hold-cv 1)`;
    case 'never-enough':
      return 'no number of connections is known to meet the objective; a longer limit, or a lower load';
    default:
      return code satisfies never;
  }
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
