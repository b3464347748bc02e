import type { CallTimeout } from '../analysis/sizing/client/client-settings.ts';
import type { SizingDoubt } from '../analysis/sizing/waits/size-servers.ts';
import { mostSimulatedErlangs } from '../analysis/sizing/waits/smallest-servers.ts';
import { busyServers } from '../analysis/sizing/waits/waiting-load.ts';
import { rateText } from '../model/rate-text.ts';
import type { Milliseconds } from '../model/units.ts';
import type { ClientAsked } from './client-asked.ts';
import type { TableWarning } from './wait-figures.ts';

/** Why no number of connections is recommended although the load is known. */
export type ClientRefusal = 'downstream-saturated' | 'too-large-to-simulate' | 'never-enough';

export interface ClientWarning {
  readonly code:
    | SizingDoubt
    | ClientRefusal
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

/** Calls that are slower in the highest stage than in the lowest, beyond both intervals. */
export function slowerCalls(measured: ClientAsked['measured']): readonly ClientWarning[] {
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

/** Why an idle connection cannot be kept, or not be said for how long. */
export function idleWarnings({ serverKeeps }: ClientAsked, idleTimeMs: Milliseconds | null): readonly ClientWarning[] {
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

/** What is not known of the slowest calls, and what a deadline cuts off. */
export function timeoutWarnings(
  { slowest, deadline }: ClientAsked,
  timeout: CallTimeout | null,
): readonly ClientWarning[] {
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

export function refusalText(code: ClientRefusal, { load, downstreamServers }: ClientAsked): string {
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
