import { type CallTimeout, callTimeout, idleTime } from '../analysis/sizing/client/client-settings.ts';
import { dialRate } from '../analysis/sizing/client/dial-rate.ts';
import type { MeasuredTimes } from '../analysis/sizing/measured-times.ts';
import {
  type SizingDoubt,
  type SizingQuestion,
  serversFor,
  sizeServers,
} from '../analysis/sizing/waits/size-servers.ts';
import { mostSimulatedErlangs } from '../analysis/sizing/waits/smallest-servers.ts';
import { type WaitingLoad, busyServers, isMarkov } from '../analysis/sizing/waits/waiting-load.ts';
import { rateText } from '../model/rate-text.ts';
import { type Milliseconds, type PerSecond, milliseconds, perSecond } from '../model/units.ts';
import type { CallsOfRun } from './calls-of-run.ts';
import { clientSettings } from './client-settings-lines.ts';
import {
  type TableWarning,
  type WaitRow,
  intervalMeaning,
  tableWarnings,
  waitMethod,
  waitRow,
} from './wait-figures.ts';

export interface ClientAsked extends Pick<SizingQuestion, 'load' | 'lightest' | 'heaviest' | 'objective'> {
  readonly callsPerRequest: number;
  /** Calls that the server behind answers at once without slowing; null: not given. */
  readonly downstreamServers: number | null;
  /** Servers that the client calls, this one among them. */
  readonly hosts: number;
  /** How long the server behind keeps an idle connection; null: not given. */
  readonly serverKeeps: Milliseconds | null;
  /** Time below which 99.9 % of the calls are answered, as given or measured; null: not known. */
  readonly slowest: Milliseconds | null;
  /** What the caller has left for the call; null: not given. */
  readonly deadline: Milliseconds | null;
  /** What call times were taken from; null where they were given. */
  readonly measured: (CallsOfRun & { readonly status: 'measured' }) | null;
}

type RefusalCode = 'downstream-saturated' | 'too-large-to-simulate' | 'never-enough';

export interface ClientWarning {
  readonly code:
    | SizingDoubt
    | RefusalCode
    | TableWarning['code']
    | 'calls-unknown'
    | 'beyond-measured-range'
    | 'calls-slow-down'
    | 'idle-time-unknown'
    | 'idle-time-too-short'
    | 'call-tail-unknown'
    | 'deadline-cuts-calls';
  readonly message: string;
}

/** An uncertain number as JSON. */
interface Figure {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number | null;
  readonly method: string;
}

/** What `plimsoll size client --json` prints, `schema` apart. */
export interface ClientFigures {
  readonly recommended: {
    /** MaxConnsPerHost. */
    readonly connections: number;
    readonly low: number;
    readonly high: number | null;
    readonly confidence: number | null;
    readonly method: string;
    readonly meetsObjective: boolean;
  } | null;
  /** Little's law: calls per second × call time. Null where the call time is not known. */
  readonly busyConnections: number | null;
  readonly callsPerSecond: number;
  readonly callTimeMs: Milliseconds | null;
  /** Stages that the call times were taken from; null where they were given. */
  readonly measured: MeasuredFigures | null;
  readonly objective: { readonly limitMs: Milliseconds; readonly share: number };
  readonly table: readonly ({ readonly connections: number } & WaitRow)[];
  readonly bounds: { readonly downstream: number | null };
  readonly idle: IdleClientFigures | null;
  readonly timeout: TimeoutFigures | null;
  readonly discipline: 'random' | 'fifo';
  /** Lines of Go that set it. */
  readonly settings: readonly string[];
  readonly method: string;
  readonly assumptions: readonly string[];
  /** What else would be needed if; null where the server behind would be saturated, or no number is known. */
  readonly sensitivity: readonly { readonly change: string; readonly connections: number | null }[];
  readonly warnings: readonly ClientWarning[];
}

export interface MeasuredFigures {
  readonly run: string;
  readonly metric: string;
  readonly host: string | null;
  readonly stages: readonly {
    readonly stage: number;
    readonly name: string;
    readonly requestsPerSecond: PerSecond;
    readonly callsPerSecond: PerSecond;
    readonly callMs: Figure;
    /** Standard deviation / mean; null where calls were slower than the last bound of the histogram. */
    readonly variation: Figure | null;
    /** 99.9 % of the calls are below; null where too few were counted, or it is above the last bound. */
    readonly slowestMs: Milliseconds | null;
  }[];
}

interface IdleClientFigures {
  /** MaxIdleConnsPerHost: as many as may be open. */
  readonly maxIdlePerHost: number;
  /** MaxIdleConns: the same for all servers together. */
  readonly maxIdle: number;
  /** IdleConnTimeout; null where it is not known how long the server keeps them. */
  readonly idleTimeMs: Milliseconds | null;
  /** At most, for that. */
  readonly reconnectsPerSecond: PerSecond | null;
  /** What fewer idle ones cost: Go's default, the rule of four fifths, none closed. */
  readonly byLimit: readonly {
    readonly maxIdlePerHost: number;
    readonly what: 'default' | 'four-fifths' | 'recommended';
    readonly dialsPerSecond: Figure;
    /** Of all calls, those that dial first. */
    readonly share: number;
  }[];
}

interface TimeoutFigures {
  /** http.Client.Timeout, or the deadline of the call's context. */
  readonly timeoutMs: Milliseconds;
  /** Of the calls that would have been answered, at most so many are cut off; null where the tail is not known. */
  readonly cutShare: number | null;
  readonly by: CallTimeout['by'];
  readonly method: string;
}

export function clientFigures(asked: ClientAsked, seed: number): ClientFigures {
  const { load, objective, downstreamServers } = asked;
  const question: SizingQuestion = { ...asked, atMost: downstreamServers, atLeast: 1, seed };
  const sizing = sizeServers(question);
  const timeout = callTimeout(objective, asked.slowest, asked.deadline);
  const common = {
    busyConnections: busyServers(load),
    callsPerSecond: load.arrivalRate,
    callTimeMs: load.serviceTime,
    measured: measuredFigures(asked.measured),
    objective: { limitMs: objective.limit, share: objective.share },
    bounds: { downstream: downstreamServers },
    timeout: timeout === null ? null : timeoutFigures(timeout),
    discipline: load.order,
    method: waitMethod(load, 'call times'),
    assumptions: assumptionsOf(asked),
  };
  if (sizing.status === 'refused') {
    const code = sizing.reason === 'saturated' ? 'downstream-saturated' : sizing.reason;
    return {
      recommended: null,
      ...common,
      table: [],
      idle: null,
      settings: [],
      sensitivity: [],
      warnings: [{ code, message: refusalText(code, asked) }, ...timeoutWarnings(asked, timeout)],
    };
  }
  const { servers: connections, low, high, needed, rows, doubts } = sizing;
  const ranges = asked.lightest !== load;
  const table = rows.map((waits) => ({ connections: waits.servers, ...waitRow(waits, load, objective) }));
  const meetsObjective = table.find((row) => row.connections === connections)?.meetsObjective === true;
  const text: Record<SizingDoubt, string> = {
    'cut-to-bound': `the objective needs ${needed.estimate} connections, the server behind answers ${downstreamServers} calls at once: cut to ${connections}; fewer or shorter calls, or a server that answers more`,
    'raised-to-bound': '',
    'bounds-conflict': '',
    'simulation-undecided': `the simulation does not tell ${needed.low} to ${needed.high ?? 'unknown'} apart at the expected load; the larger is the safe one`,
    'heaviest-load-saturates': 'at the heavy end of the ranges the server behind is saturated',
    'high-unknown': 'no number is known to be enough at the heavy end',
  };
  const idle = idleFigures(asked, connections);
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
    idle,
    settings: clientSettings({ connections, ...idle, timeout: timeout?.timeout ?? null }),
    sensitivity: sensitivityOf(question),
    warnings: [
      ...doubts.map((code) => ({ code, message: text[code] })),
      ...slowerCalls(asked.measured),
      ...idleWarnings(asked, idle),
      ...timeoutWarnings(asked, timeout),
      ...tableWarnings(table, meetsObjective, `${connections} connections`),
    ],
  };
}

/** Nothing can be sized from a run that does not show the calls at the rate that is asked for. */
export function unknownCalls(
  asked: ClientAsked,
  code: 'calls-unknown' | 'beyond-measured-range',
  message: string,
): ClientFigures {
  const { load, objective, downstreamServers } = asked;
  return {
    recommended: null,
    busyConnections: null,
    callsPerSecond: load.arrivalRate,
    callTimeMs: null,
    measured: measuredFigures(asked.measured),
    objective: { limitMs: objective.limit, share: objective.share },
    table: [],
    bounds: { downstream: downstreamServers },
    idle: null,
    timeout: null,
    discipline: load.order,
    settings: [],
    method: 'call times from a histogram of the target',
    assumptions: [],
    sensitivity: [],
    warnings: [{ code, message }],
  };
}

function measuredFigures(measured: ClientAsked['measured']): MeasuredFigures | null {
  if (measured === null) return null;
  const { run, metric, host, stages } = measured;
  return {
    run,
    metric,
    host,
    stages: stages.map(({ stage, name, requestsPerSecond, callsPerSecond, times }) => ({
      stage,
      name,
      requestsPerSecond,
      callsPerSecond,
      callMs: { ...times.mean, confidence: 0.95, method: 'sum / count; batches of consecutive readings' },
      variation:
        times.variation === null
          ? null
          : {
              ...times.variation,
              confidence: 0.95,
              method: 'all that the buckets and the mean allow; batches of consecutive readings',
            },
      slowestMs: slowestOf(times),
    })),
  };
}

/** The upper end of the bucket; null where it has none. */
export function slowestOf({ slowest }: MeasuredTimes): Milliseconds | null {
  return slowest === null || !Number.isFinite(slowest.high) ? null : milliseconds(slowest.high);
}

function idleFigures(asked: ClientAsked, connections: number): IdleClientFigures {
  const { serverKeeps, heaviest, hosts } = asked;
  const time = serverKeeps === null ? null : idleTime(serverKeeps, heaviest.serviceTime, connections);
  const limits = [
    { maxIdlePerHost: defaultIdlePerHost, what: 'default' },
    { maxIdlePerHost: Math.ceil(connections * fourFifths), what: 'four-fifths' },
    { maxIdlePerHost: connections, what: 'recommended' },
  ] as const;
  return {
    maxIdlePerHost: connections,
    maxIdle: connections * hosts,
    idleTimeMs: time?.idleTime ?? null,
    reconnectsPerSecond: time?.reconnectsPerSecond ?? null,
    byLimit: limits.map((limit) => dialsWith(asked, connections, limit)),
  };
}

/** Of http.Transport. */
const defaultIdlePerHost = 2;
const fourFifths = 0.8;

function dialsWith<Limit extends { readonly maxIdlePerHost: number }>(
  { load, lightest, heaviest }: ClientAsked,
  connections: number,
  limit: Limit,
): Limit & Pick<IdleClientFigures['byLimit'][number], 'dialsPerSecond' | 'share'> {
  const at = (each: WaitingLoad): number =>
    busyServers(each) < connections ? dialRate(each, connections, limit.maxIdlePerHost) : 0;
  const [estimate, ...ends] = [load, lightest, heaviest].map(at);
  const dials = estimate ?? 0;
  return {
    ...limit,
    dialsPerSecond: {
      estimate: dials,
      low: Math.min(dials, ...ends),
      high: Math.max(dials, ...ends),
      confidence: null,
      method: `${isMarkov(load) ? 'exact' : 'as if exponential'}: return trips of the busy connections (M/M/c); low and high: at the ends of the load`,
    },
    share: dials / load.arrivalRate,
  };
}

const timeoutFigures = ({ timeout, cutShare, by }: CallTimeout): TimeoutFigures => ({
  timeoutMs: timeout,
  cutShare,
  by,
  method:
    by === 'calls'
      ? 'limit of the wait for a connection + time of all but a thousandth of the calls'
      : 'what the caller has left',
});

function assumptionsOf({ load, callsPerRequest, measured }: ClientAsked): readonly string[] {
  return [
    'HTTP/1.1: a connection carries one call at a time (HTTP/2 sends all over one, and none of this holds)',
    `a call keeps its connection for ${Number(load.serviceTime.toPrecision(4))} ms on average, until its body was read to the end and closed, and no longer where more are open (the server behind has room)`,
    'the load is that of one instance; its rate is steady for longer than the line takes to form',
    ...(callsPerRequest === 1
      ? []
      : [`a request makes ${Number(callsPerRequest.toPrecision(3))} calls, and the objective is for each of them`]),
    ...(measured === null
      ? []
      : [
          `${measured.metric} times a whole call: what of the body is read later is not in it, waits for a connection and failed calls are`,
        ]),
    'dialling takes no time',
  ];
}

function slowerCalls(measured: ClientAsked['measured']): readonly ClientWarning[] {
  const [first, last] = [measured?.stages[0], measured?.stages.at(-1)];
  if (first === undefined || last === undefined || last.hold.low <= first.hold.high) return [];
  return [
    {
      code: 'calls-slow-down',
      message: `calls took ${shortTime(first.hold.estimate)} ms at ${rateText(first.requestsPerSecond)} and ${shortTime(last.hold.estimate)} ms at ${rateText(last.requestsPerSecond)}: the server behind slows under load, or they waited for a connection, and more connections may slow it further`,
    },
  ];
}

const shortTime = (time: number): number => Number(time.toPrecision(3));

function idleWarnings(
  { serverKeeps }: ClientAsked,
  { idleTimeMs }: Pick<IdleClientFigures, 'idleTimeMs'>,
): readonly ClientWarning[] {
  if (serverKeeps === null)
    return [
      {
        code: 'idle-time-unknown',
        message:
          'no IdleConnTimeout is recommended: it has to be shorter than the server behind, and each balancer between, keep an idle connection; --server-idle-timeout says how long that is',
      },
    ];
  return idleTimeMs === null
    ? [
        {
          code: 'idle-time-too-short',
          message:
            'the server behind closes idle connections sooner than a call takes: whatever is kept idle may be closed under a call; let it keep them longer, or set DisableKeepAlives',
        },
      ]
    : [];
}

function timeoutWarnings({ slowest, deadline }: ClientAsked, timeout: CallTimeout | null): readonly ClientWarning[] {
  const unknown: readonly ClientWarning[] =
    slowest === null
      ? [
          {
            code: 'call-tail-unknown',
            message: `how slow the slowest calls are is not known${timeout === null ? ', so no timeout is recommended' : ', so neither is how many the deadline cuts off'}: --call-p999 says it, or a run with 4,000 calls in a stage`,
          },
        ]
      : [];
  return timeout?.by === 'deadline' && slowest !== null
    ? [
        ...unknown,
        {
          code: 'deadline-cuts-calls',
          message: `within ${deadline} ms not even 99.9 % of the calls are answered, which takes ${shortTime(slowest)} ms and the wait for a connection: the deadline cuts off more than a thousandth of them`,
        },
      ]
    : unknown;
}

function refusalText(code: RefusalCode, { load, downstreamServers }: ClientAsked): string {
  const busy = Number(busyServers(load).toPrecision(4));
  switch (code) {
    case 'downstream-saturated':
      return `the server behind is saturated, and no number of connections helps: calls at ${rateText(load.arrivalRate)}, ${Number(load.serviceTime.toPrecision(4))} ms each, keep ${busy} running, and it answers ${downstreamServers} at once; fewer or shorter calls, or a server that answers more`;
    case 'too-large-to-simulate':
      return `${busy} busy connections are more than a simulation can settle (${mostSimulatedErlangs}): size one instance, or take call times as exponential (--call-cv 1)`;
    case 'never-enough':
      return 'no number of connections is known to meet the objective; a longer limit, or a lower load';
    default:
      return code satisfies never;
  }
}

function sensitivityOf(question: SizingQuestion): ClientFigures['sensitivity'] {
  const { load } = question;
  const changes: readonly (readonly [string, Partial<WaitingLoad>])[] = [
    ['20 % more calls', { arrivalRate: perSecond(load.arrivalRate * 1.2) }],
    ['calls that take twice as long (a slow server behind)', { serviceTime: milliseconds(load.serviceTime * 2) }],
    load.serviceCv === 1
      ? ['call times of cv 3 (some very slow calls)', { serviceCv: 3 }]
      : ['exponential call times (cv 1)', { serviceCv: 1 }],
  ];
  return changes.map(([change, to]) => ({ change, connections: serversFor({ ...load, ...to }, question) }));
}
