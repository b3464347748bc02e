import type { ObjectiveResult } from '../../model/finding.ts';
import type { Objective } from '../../model/objective.ts';
import type { Plan } from '../../model/plan.ts';
import { percent } from '../../model/units.ts';
import type { Limiter, LimiterSignal } from '../analysis.ts';
import type { StageTraffic } from '../traffic/decode-traffic.ts';
import { defineAnalyzer } from './analyzer.ts';
import { overLimit } from './bucket-decision.ts';
import { objectiveText } from '../../model/objective-text.ts';
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

/**
 * Which signal crossed its limit first. All signals of a stage are compared with their limits; crossings are ordered by
 * the load of their first stage, and within a stage by `rank`: exhausted processors, then waits, then use above its
 * limit, and the objectives, which are the symptom, last. So the first of the list is the limiter: the signal that
 * crossed no later than the objectives did, or an objective where none did.
 */
export const limiterSignalsCrossed = defineAnalyzer({
  name: 'limiter',
  needs: ['plan', 'traffic', 'validity', 'objectives'],
  wants: ['targets'],
  answer: ({ plan, traffic, validity, objectives, targets }): readonly Limiter[] => {
    const judged = traffic.stages
      .filter(({ index, stage }) => stage.kind === 'hold' && validity[index]?.status === 'valid')
      .toSorted((left, right) => loadOf(left) - loadOf(right));
    const first = new Map<LimiterSignal, { readonly crossing: Limiter; readonly order: number }>();
    for (const [order, stage] of judged.entries()) {
      const readings = [
        ...clientSignals(stage),
        ...symptoms(plan.objectives, objectives, stage.index),
        ...targetSignals(targets?.[stage.index] ?? null, plan),
      ];
      for (const { signal, value, limit, unit, over } of readings) {
        if (value === null || limit === null || first.has(signal) || !(over ?? value > limit)) continue;
        first.set(signal, { order, crossing: { signal, value, limit, unit, firstStage: stage.index } });
      }
    }
    return [...first.values()]
      .toSorted((left, right) => left.order - right.order || rank(left.crossing) - rank(right.crossing))
      .map(({ crossing }) => crossing);
  },
});

interface Reading {
  readonly signal: LimiterSignal;
  readonly value: number | null;
  readonly limit: number | null;
  readonly unit: string;
  /** Where it is not simply the value above the limit. */
  readonly over?: boolean;
}

function loadOf({ stage }: StageTraffic): number {
  return 'startPerSecond' in stage ? stage.startPerSecond : stage.users;
}

/** Among signals that crossed at the same stage the cause goes before its consequence. */
const ranks: readonly LimiterSignal[] = [
  'cpu-throttling',
  'memory',
  'gc-cpu',
  'pool-wait',
  'mutex-wait',
  'cpu',
  'host-cpu',
  'accept-queue',
  'scheduling-latency',
  'goroutines',
  'shedding',
  'connection-queue',
  'latency-objective',
  'error-objective',
];

function rank({ signal, value }: Limiter): number {
  const exhausted = (signal === 'cpu' || signal === 'host-cpu') && value >= fixedLimits.exhausted;
  return exhausted ? -1 : ranks.indexOf(signal);
}

function clientSignals({ all, steadyHealth }: StageTraffic): Reading[] {
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

/** The first missed latency and the first missed error objective of a stage, as readings over their limits. */
function symptoms(asked: readonly Objective[], results: readonly ObjectiveResult[], stage: number): Reading[] {
  return asked.flatMap((objective): Reading[] => {
    const text = objectiveText(objective);
    const result = results.find((one) => one.stage === stage && one.objective === text);
    if (result?.status !== 'fail' || result.measured === null) return [];
    const { estimate } = result.measured;
    switch (objective.kind) {
      case 'latency-quantile':
        return [{ signal: 'latency-objective', value: estimate, limit: objective.limitMs, unit: 'ms' }];
      case 'within':
        // A share that must not fall short, told as the share of late ones that must not be exceeded.
        return [{ signal: 'latency-objective', value: 1 - estimate, limit: 1 - objective.limit, unit: 'ratio' }];
      case 'errors':
        return [{ signal: 'error-objective', value: estimate, limit: objective.limit, unit: 'ratio' }];
      case 'shed':
      case 'throughput':
      case 'gc-cpu':
      case 'goroutines':
      case 'rss':
        return [];
      default:
        return objective satisfies never;
    }
  });
}

function targetSignals(figures: TargetFigures | null, { limits }: Plan): Reading[] {
  if (figures === null) return [];
  const { target, memoryLimitBytes, peakRss } = figures;
  const { cpuCores, cpuCoresAvailable } = target;
  const waits = target.pools.flatMap(({ waitMsPerRequest }) => waitMsPerRequest ?? []);
  return [
    {
      signal: 'cpu',
      value: cpuCores === null || cpuCoresAvailable === null ? null : cpuCores / cpuCoresAvailable,
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
    { signal: 'gc-cpu', value: target.gcCpuShare, limit: limits.gcCpu, unit: 'ratio' },
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
