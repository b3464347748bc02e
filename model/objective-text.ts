import type { Objective } from './objective.ts';
import {
  type Bytes,
  type Milliseconds,
  inMebibytes,
  inMegabytes,
  inPercent,
  inSeconds,
  ratio,
  seconds,
} from './units.ts';

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
      return { metric: objective.kind, limit: sizeText(objective.limitBytes) };
    default:
      return objective satisfies never;
  }
}

/** In MiB where that is a whole number, else in MB or in bytes, so that it reads as it was written. */
function sizeText(size: Bytes): string {
  if (Number.isInteger(inMebibytes(size))) return `${inMebibytes(size)}MiB`;
  return Number.isInteger(inMegabytes(size)) ? `${inMegabytes(size)}MB` : `${size}B`;
}

function durationText(duration: Milliseconds): string {
  return duration >= seconds(1) ? `${digits(inSeconds(duration))}s` : `${digits(duration)}ms`;
}

/** Ten digits: 99.9 stays 99.9 although 0.999 × 100 is not quite. */
function digits(value: number): string {
  return String(Number(value.toPrecision(10)));
}
