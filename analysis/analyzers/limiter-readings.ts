import type { Estimate } from '../../model/finding.ts';
import type { Plan } from '../../model/plan.ts';
import { percent } from '../../model/units.ts';
import type { LimiterSignal } from '../analysis.ts';
import type { StageTraffic } from '../traffic/decode-traffic.ts';
import { overLimit } from './bucket-decision.ts';
import { processorUse } from './busy-host.ts';
import type { TargetFigures } from './target-figures.ts';

/** Limits that no scorecard holds; docs/limiter-signals.md gives the reasons. */
export const fixedLimits = {
  /** Share of scheduling periods in which the control group was throttled. */
  throttled: percent(1),
  /** Milliseconds that goroutines waited for mutexes per second: a tenth of a goroutine always waits. */
  mutexWaitMsPerSecond: 100,
  /** Resident memory as a share of the limit. */
  memory: percent(90),
  /** Share of the due requests that were shed. */
  shed: percent(1),
  /** Share of the due requests that waited for a free connection. */
  connectionWait: percent(1),
  /** Processor use from which nothing is left: then everything else waits behind it. */
  exhausted: percent(95),
} as const;

/** A signal in a stage beside its limit. */
export interface Reading {
  readonly signal: LimiterSignal;
  readonly value: number | null;
  readonly limit: number | null;
  readonly unit: string;
  /** Standard error of the value, where the stage tells one. */
  readonly error?: number;
  /** Where it is not simply the value above the limit. */
  readonly over?: boolean;
}

/** What the client's side shows. */
export function clientSignals({ all, steadyHealth }: StageTraffic): Reading[] {
  const { due, shed } = all.books;
  const steadyDue = all.steady.reduce((sum, { books }) => sum + books.due, 0);
  const waited = steadyHealth.reduce((sum, { health }) => sum + health.waitedForConnection, 0);
  return [
    { signal: 'shedding', value: due === 0 ? null : shed / due, limit: fixedLimits.shed, unit: 'ratio' },
    {
      signal: 'connection-queue',
      value: steadyDue === 0 || steadyHealth.length === 0 ? null : waited / steadyDue,
      limit: fixedLimits.connectionWait,
      unit: 'ratio',
    },
  ];
}

/** Standard error that an interval of 95 % stands for, about. */
export function errorOf({ low, high }: Pick<Estimate, 'low' | 'high'>): number {
  return (high - low) / (2 * twoSided);
}

const twoSided = 1.96;

/** What the target's side shows. */
export function targetSignals(figures: TargetFigures | null, { limits }: Plan): Reading[] {
  if (figures === null) return [];
  const { target, memoryLimitBytes, peakRss } = figures;
  const waits = target.pools.flatMap(({ waitMsPerRequest }) => waitMsPerRequest ?? []);
  return [
    {
      signal: 'cpu',
      value: processorUse(target),
      limit: limits.cpu,
      unit: 'ratio',
    },
    { signal: 'cpu-throttling', value: target.throttledShare, limit: fixedLimits.throttled, unit: 'ratio' },
    { signal: 'host-cpu', value: figures.hostCpuShare, limit: limits.cpu, unit: 'ratio' },
    {
      signal: 'pool-wait',
      value: waits.length === 0 ? null : Math.max(...waits),
      limit: limits.poolWaitMs,
      unit: 'ms',
    },
    {
      signal: 'gc-cpu',
      value: target.gcCpuShare,
      limit: limits.gcCpu,
      unit: 'ratio',
      ...(figures.gcCpu === null ? {} : { error: errorOf(figures.gcCpu) }),
    },
    {
      signal: 'scheduling-latency',
      // Only where even the bucket's lower end is over: the upper end alone proves nothing.
      value: figures.schedulingP99?.low ?? null,
      limit: limits.schedulingLatencyMs,
      unit: 'ms',
      over: figures.schedulingP99 !== null && overLimit(figures.schedulingP99, limits.schedulingLatencyMs) === 'over',
    },
    {
      signal: 'mutex-wait',
      value: target.mutexWaitMsPerSecond,
      limit: fixedLimits.mutexWaitMsPerSecond,
      unit: 'ms/s',
    },
    {
      signal: 'memory',
      value: peakRss === null || memoryLimitBytes === null ? null : peakRss.estimate / memoryLimitBytes,
      limit: fixedLimits.memory,
      unit: 'ratio',
    },
    { signal: 'goroutines', value: figures.peakGoroutines?.estimate ?? null, limit: limits.goroutines, unit: '1' },
    { signal: 'accept-queue', value: figures.acceptOverflows, limit: 0, unit: '1' },
  ];
}
