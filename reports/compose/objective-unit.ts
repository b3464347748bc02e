import type { Objective } from '../../model/objective.ts';

/** What an objective's measured figure is in, as format-quantity.ts names units. */
export function objectiveUnit(objective: Objective): string {
  switch (objective.kind) {
    case 'latency-quantile':
      return 'ms';
    case 'within':
    case 'errors':
    case 'shed':
    case 'gc-cpu':
      return 'ratio';
    case 'throughput':
      return '1/s';
    case 'goroutines':
      return '1';
    case 'rss':
      return 'B';
    default:
      return objective satisfies never;
  }
}
