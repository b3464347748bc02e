import type { Objective } from '../../model/objective.ts';
import type { Plan } from '../../model/plan.ts';
import type { Stage } from '../../model/load-profile.ts';
import { type Milliseconds, eventsIn, milliseconds, perSecond } from '../../model/units.ts';

/** Arrivals an open stage should have had; null in a closed loop, where the answers set the pace. */
export function arrivalsAskedFor(stage: Stage): number | null {
  if (!('startPerSecond' in stage)) return null;
  // A ramp is linear, so its mean rate is that of its ends.
  return eventsIn(perSecond((stage.startPerSecond + stage.endPerSecond) / 2), stage.durationMs);
}

/** Processors the generator may use: those it is pinned to, else one, since a generator's pace comes from one thread. */
export function generatorProcessors(plan: Plan): number {
  return plan.processors.generator === null ? 1 : countProcessors(plan.processors.generator);
}

/** How many processors a list as `taskset` takes it names: "0" one, "1-3,6" four. */
export function countProcessors(list: string): number {
  return Math.max(1, namedProcessors(list).length);
}

export function namedProcessors(list: string): readonly number[] {
  return list.split(',').flatMap((part) => {
    const [from = Number.NaN, to = from] = part.split('-').map(Number);
    return to >= from ? Array.from({ length: to - from + 1 }, (_, offset) => from + offset) : [];
  });
}

/** The shortest time any latency objective allows; null without one. */
export function tightestLatency(objectives: readonly Objective[]): Milliseconds | null {
  const limits = objectives.flatMap((objective) =>
    objective.kind === 'latency-quantile'
      ? [objective.limitMs]
      : objective.kind === 'within'
        ? [objective.durationMs]
        : [],
  );
  return limits.length === 0 ? null : milliseconds(Math.min(...limits));
}
