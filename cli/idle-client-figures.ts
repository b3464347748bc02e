import { idleTime } from '../analysis/sizing/client/client-settings.ts';
import { dialRate } from '../analysis/sizing/client/dial-rate.ts';
import { type WaitingLoad, busyServers, isMarkov } from '../analysis/sizing/waits/waiting-load.ts';
import type { Milliseconds, PerSecond } from '../model/units.ts';
import type { ClientAsked } from './client-asked.ts';

type IdleAsked = Pick<ClientAsked, 'load' | 'lightest' | 'heaviest' | 'serverKeeps' | 'hosts'>;

/** Idle connections of a client and what fewer of them cost, as JSON. */
export interface IdleClientFigures {
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
    readonly dialsPerSecond: {
      readonly estimate: number;
      readonly low: number;
      readonly high: number;
      readonly confidence: null;
      readonly method: string;
    };
    /** Of all calls, those that dial first. */
    readonly share: number;
  }[];
}

export function idleClientFigures(asked: IdleAsked, connections: number): IdleClientFigures {
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
  { load, lightest, heaviest }: IdleAsked,
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
