import type { MeasuredTimes } from '../analysis/sizing/measured-times.ts';
import { type Milliseconds, type PerSecond, milliseconds } from '../model/units.ts';
import type { CallsOfRun } from './calls-of-run.ts';
import type { Measured } from './measured-pool-figures.ts';

/** Calls of a run as JSON. */
export interface MeasuredCallsFigures {
  readonly run: string;
  readonly metric: string;
  readonly host: string | null;
  readonly stages: readonly {
    readonly stage: number;
    readonly name: string;
    readonly requestsPerSecond: PerSecond;
    readonly callsPerSecond: PerSecond;
    readonly callMs: Measured;
    /** Standard deviation / mean; null where calls were slower than the last bound of the histogram. */
    readonly variation: Measured | null;
    /** 99.9 % of the calls are below; null where too few were counted, or it is above the last bound. */
    readonly slowestMs: Milliseconds | null;
  }[];
}

export function measuredCallsFigures(
  measured: (CallsOfRun & { readonly status: 'measured' }) | null,
): MeasuredCallsFigures | null {
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
