import type { ObjectiveResult } from '../../model/finding.ts';
import type { Objective } from '../../model/objective.ts';
import type { Limiter, LimiterSignal } from '../analysis.ts';
import type { StageTraffic } from '../traffic/decode-traffic.ts';
import { defineAnalyzer } from './analyzer.ts';
import { busyBeforeLoad, busyWithOthers } from './busy-host.ts';
import { type Reading, clientSignals, fixedLimits, targetSignals } from './limiter-readings.ts';
import { objectiveText } from '../../model/objective-text.ts';
import type { TargetFigures } from './target-figures.ts';

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
    const figuresOf = ({ index }: StageTraffic): TargetFigures | null => targets?.[index] ?? null;
    const busyBefore = busyBeforeLoad(plan, targets ?? [], validity) !== null;
    const first = new Map<LimiterSignal, { readonly crossing: Limiter; readonly order: number }>();
    for (const [order, stage] of judged.entries()) {
      const readings = [
        ...clientSignals(stage),
        ...symptoms(plan.objectives, objectives, stage.index),
        ...targetSignals(figuresOf(stage), plan),
      ];
      for (const { signal, value, limit, unit, over } of readings) {
        // What kept the processors busy before there was load is not what the load met.
        if (signal === 'host-cpu' && busyBefore && busyWithOthers(figuresOf(stage), plan.limits.cpu)) continue;
        if (value === null || limit === null || first.has(signal) || !(over ?? value > limit)) continue;
        first.set(signal, { order, crossing: { signal, value, limit, unit, firstStage: stage.index } });
      }
    }
    return [...first.values()]
      .toSorted((left, right) => left.order - right.order || rank(left.crossing) - rank(right.crossing))
      .map(({ crossing }) => crossing);
  },
});

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
