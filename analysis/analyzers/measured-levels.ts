import type { Plan } from '../../model/plan.ts';
import { type PerSecond, perSecond, percent } from '../../model/units.ts';
import { Completions } from '../traffic/completions.ts';
import type { DecodedTraffic, StageTraffic } from '../traffic/decode-traffic.ts';
import { queueGrew } from '../traffic/queue-growth.ts';
import { keptUp } from './kept-up.ts';
import type { StageFigures } from './stage-figures.ts';
import { type StageValidity, wasLate } from './stage-validity.ts';

/** A valid hold stage with traffic, as models over load need it. */
export interface MeasuredLevel {
  readonly index: number;
  /** Offered in an open loop; what was done per second in a closed one. */
  readonly rate: PerSecond;
  readonly traffic: StageTraffic;
  readonly figures: StageFigures['stage'];
  /** False where a queue grew or requests were lost: then figures are those of the stage's length. */
  readonly steady: boolean;
  /** More came in than could be done: a queue grew, or requests were dropped or left behind. */
  readonly overloaded: boolean;
  readonly late: boolean;
}

/** In the order of their rates. */
export function measuredLevels(
  plan: Plan,
  traffic: DecodedTraffic,
  figures: readonly StageFigures[],
  validity: readonly StageValidity[],
): readonly MeasuredLevel[] {
  const completions = new Completions(traffic);
  return traffic.stages
    .flatMap((stage): MeasuredLevel[] => {
      const { index } = stage;
      const seen = figures[index]?.stage;
      if (stage.stage.kind !== 'hold' || validity[index]?.status !== 'valid' || seen === undefined || seen.due === 0)
        return [];
      const kept = keptUp(seen, validity[index], plan.steadyWindows[index]) !== false;
      const overloaded =
        seen.dropped + seen.inFlightAtEnd > mostLeft * seen.due ||
        queueGrew(stage, traffic.measurement.startedAt, completions);
      return [
        {
          index,
          rate: 'startPerSecond' in stage.stage ? perSecond(stage.stage.startPerSecond) : seen.achievedPerSecond,
          traffic: stage,
          figures: seen,
          steady: kept && !overloaded,
          overloaded,
          late: wasLate(validity[index]),
        },
      ];
    })
    .toSorted((left, right) => left.rate - right.rate);
}

/** Share of the due requests that may be dropped or left behind before a stage counts as overloaded. */
const mostLeft = percent(1);

/** The most that was completed per second in any of them; 0 for none. */
export function mostCompleted(levels: readonly MeasuredLevel[]): number {
  return Math.max(0, ...levels.map(({ figures }) => figures.completedPerSecond ?? 0));
}

/** The most that can be completed per second, where a stage was overloaded and so has shown it; null where none was. */
export function capacityShown(levels: readonly MeasuredLevel[]): number | null {
  return levels.some(({ overloaded }) => overloaded) ? mostCompleted(levels) : null;
}
