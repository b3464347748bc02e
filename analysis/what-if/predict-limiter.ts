import { objectiveText } from '../../model/objective-text.ts';
import type { Plan } from '../../model/plan.ts';
import type { LimiterSignal } from '../analysis.ts';
import { type ChangedLoad, poolWait } from './change-load.ts';
import type { MeasuredLevel } from './measured-load.ts';
import type { PredictedTimes } from './predicted-times.ts';

/** The signal that will be nearest to its limit, or farthest beyond it. */
export interface PredictedLimiter {
  readonly signal: LimiterSignal;
  /** Which objective, which pool; null where there is but one. */
  readonly name: string | null;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly reached: boolean;
}

/**
 * Of what the run measured and a rate moves in a known way: processors (in proportion to the rate), waiting for
 * connections (Erlang's C), latency objectives (as predicted). Null where none of them is known.
 */
export function predictLimiter(
  plan: Plan,
  { perSecond, target }: MeasuredLevel,
  { instancePerSecond, processors, pool }: ChangedLoad,
  times: PredictedTimes | null,
): PredictedLimiter | null {
  const cpuCores = target?.cpuCores ?? null;
  const signals: Omit<PredictedLimiter, 'reached'>[] = [
    ...(cpuCores === null || processors === null
      ? []
      : [
          {
            signal: 'cpu',
            name: null,
            value: (cpuCores * instancePerSecond) / perSecond / processors,
            limit: plan.limits.cpu,
            unit: 'ratio',
          } as const,
        ]),
    ...(pool === null || !Number.isFinite(poolWait(pool))
      ? []
      : [
          {
            signal: 'pool-wait',
            name: null,
            value: poolWait(pool),
            limit: plan.limits.poolWaitMs,
            unit: 'ms',
          } as const,
        ]),
    ...plan.objectives.flatMap((objective) => {
      if (objective.kind !== 'latency-quantile' || objective.endpoint !== null || times === null) return [];
      const predicted = Object.entries(times).find(([name]) => Number(name) === objective.quantile)?.[1];
      if (predicted === undefined) return [];
      const name = objectiveText(objective);
      return [
        {
          signal: 'latency-objective',
          name,
          value: predicted.estimate,
          limit: objective.limitMs,
          unit: 'ms',
        } as const,
      ];
    }),
  ];
  const [nearest] = signals.toSorted((left, right) => right.value / right.limit - left.value / left.limit);
  return nearest === undefined ? null : { ...nearest, reached: nearest.value > nearest.limit };
}
