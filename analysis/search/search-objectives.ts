import { objectiveText } from '../../model/objective-text.ts';
import type { Objective } from '../../model/objective.ts';
import { microsecondsOf } from '../../model/units.ts';
import type { EndpointTraffic, SecondTraffic, StageTraffic } from '../traffic/decode-traffic.ts';
import { countAbove } from '../traffic/value-counts.ts';

/** An objective as a search sees it: a share of the due requests that may violate it. */
export interface ShareObjective {
  readonly text: string;
  readonly limit: number;
  /** Of the traffic of a stage, that of the endpoint it is about. */
  readonly trafficIn: (stage: StageTraffic) => EndpointTraffic | null;
  /** How many of the requests due in one second violated it. */
  readonly hits: (second: SecondTraffic) => number;
}

/**
 * Where the objective is about a share of the requests: `p99<200ms` lets 1 % be late, and what was not done at all is
 * late as well. Null where it is about something else (throughput, memory), of which no share can be counted.
 */
export function shareObjective(objective: Objective): ShareObjective | null {
  const common = {
    text: objectiveText(objective),
    trafficIn: ({ all, endpoints }: StageTraffic) =>
      objective.endpoint === null ? all : (endpoints.find(({ name }) => name === objective.endpoint) ?? null),
  };
  switch (objective.kind) {
    case 'latency-quantile':
      return { ...common, limit: 1 - objective.quantile, hits: notWithin(objective.limitMs) };
    case 'within':
      return { ...common, limit: 1 - objective.limit, hits: notWithin(objective.durationMs) };
    case 'errors':
      return { ...common, limit: objective.limit, hits: ({ books }) => books.failed + books.dropped + books.inFlight };
    case 'shed':
      return { ...common, limit: objective.limit, hits: ({ books }) => books.shed };
    case 'throughput':
    case 'gc-cpu':
    case 'goroutines':
    case 'rss':
      return null;
    default:
      return objective satisfies never;
  }
}

function notWithin(limit: Parameters<typeof microsecondsOf>[0]): ShareObjective['hits'] {
  return ({ books, response }) => Math.max(0, books.due - response.total + countAbove(response, microsecondsOf(limit)));
}
