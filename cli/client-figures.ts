import { type CallTimeout, callTimeout } from '../analysis/sizing/client/client-settings.ts';
import {
  type SizingDoubt,
  type SizingQuestion,
  serversFor,
  sizeServers,
} from '../analysis/sizing/waits/size-servers.ts';
import { type WaitingLoad, busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { type Milliseconds, milliseconds, perSecond } from '../model/units.ts';
import type { ClientAsked } from './client-asked.ts';
import { clientSettings } from './client-settings-lines.ts';
import { type ClientWarning, idleWarnings, refusalText, slowerCalls, timeoutWarnings } from './client-warnings.ts';
import { type IdleClientFigures, idleClientFigures } from './idle-client-figures.ts';
import { type MeasuredCallsFigures, measuredCallsFigures } from './measured-calls-figures.ts';
import { type WaitRow, intervalMeaning, tableWarnings, waitMethod, waitRow } from './wait-figures.ts';

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
  readonly measured: MeasuredCallsFigures | null;
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
    measured: measuredCallsFigures(asked.measured),
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
  const idle = idleClientFigures(asked, connections);
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
      ...idleWarnings(asked, idle.idleTimeMs),
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
    measured: measuredCallsFigures(asked.measured),
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
