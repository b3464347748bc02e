import type { Objective } from './objective.ts';
import { type Milliseconds, inMebibytes, inPercent, inSeconds, ratio, seconds } from './units.ts';

/** An objective in the grammar of docs/objectives.md: `p99<200ms`, `orders:errors<0.1%`. */
export function objectiveText(objective: Objective): string {
  const endpoint = objective.endpoint === null ? '' : `${objective.endpoint}:`;
  const { metric, limit } = parts(objective);
  return `${endpoint}${metric}${objective.comparison}${limit}`;
}

function parts(objective: Objective): { readonly metric: string; readonly limit: string } {
  switch (objective.kind) {
    case 'latency-quantile':
      return { metric: `p${digits(inPercent(ratio(objective.quantile)))}`, limit: durationText(objective.limitMs) };
    case 'within':
      return {
        metric: `within(${durationText(objective.durationMs)})`,
        limit: `${digits(inPercent(objective.limit))}%`,
      };
    case 'errors':
    case 'shed':
    case 'gc-cpu':
      return { metric: objective.kind, limit: `${digits(inPercent(objective.limit))}%` };
    case 'throughput':
      return { metric: objective.kind, limit: `${digits(objective.limitPerSecond)}/s` };
    case 'goroutines':
      return { metric: objective.kind, limit: digits(objective.limit) };
    case 'rss':
      return { metric: objective.kind, limit: `${digits(inMebibytes(objective.limitBytes))}MiB` };
    default:
      return objective satisfies never;
  }
}

function durationText(duration: Milliseconds): string {
  return duration >= seconds(1) ? `${digits(inSeconds(duration))}s` : `${digits(duration)}ms`;
}

/** Ten digits: 99.9 stays 99.9 although 0.999 × 100 is not quite. */
function digits(value: number): string {
  return String(Number(value.toPrecision(10)));
}
