import type { Plan } from '../../model/plan.ts';
import { type EpochMilliseconds, type Milliseconds, after, between, inSeconds } from '../../model/units.ts';
import { Completions } from '../traffic/completions.ts';
import type { DecodedTraffic, StageTraffic } from '../traffic/decode-traffic.ts';
import { StageReadings } from './stage-readings.ts';
import type { StageValidity } from './stage-validity.ts';

/** A valid stage of constant load. */
export interface ValidHold {
  readonly index: number;
  readonly stage: StageTraffic;
  readonly readings: StageReadings;
  readonly windowMs: Milliseconds;
  /** Requests answered per second of the steady window. */
  readonly answeredPerSecond: number;
}

export function validHolds({
  plan,
  validity,
  traffic,
}: {
  readonly plan: Plan;
  readonly validity: readonly StageValidity[];
  readonly traffic: DecodedTraffic;
}): readonly ValidHold[] {
  const completions = new Completions(traffic);
  return traffic.stages.flatMap((stage): ValidHold[] => {
    const { index } = stage;
    if (plan.loadProfile.stages[index]?.kind !== 'hold' || validity[index]?.status !== 'valid') return [];
    const readings = new StageReadings(traffic.measurement.startedAt, stage, completions);
    const windowMs = between(readings.window.from, readings.window.to);
    const answered = readings.answeredIn(readings.window);
    return answered === 0
      ? []
      : [{ index, stage, readings, windowMs, answeredPerSecond: answered / inSeconds(windowMs) }];
  });
}

/** When the last request was due. */
export function loadEnd({ measurement, stages }: DecodedTraffic): EpochMilliseconds {
  const last = stages.at(-1);
  const { startedAt } = measurement;
  return last === undefined ? startedAt : after(after(startedAt, last.startMs), last.stage.durationMs);
}
