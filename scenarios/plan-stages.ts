import type { ClosedStage, LoadProfile, OpenStage, Stage, StageKind } from '../model/load-profile.ts';
import type { ClosedLoadInput, OpenLoadInput, Scenario, StageInput } from '../model/scenario.ts';
import {
  type Milliseconds,
  type PerSecond,
  milliseconds,
  parseDuration,
  parseRate,
  perSecond,
  seconds,
} from '../model/units.ts';
import type { Reasons } from './reasons.ts';

const defaultWarmUp = '5s';
/** A stair of more levels than this is a ramp, or a slip of the pen. */
const mostStages = 200;

/** The load as stages that follow one another, warm-up first; faults go to `reasons`. */
export function planStages(load: Scenario['load'], reasons: Reasons): LoadProfile {
  return 'stages' in load ? openProfile(load, reasons) : closedProfile(load, reasons);
}

/** Offsets from the start of the load at which a stage begins and ends. */
export function stageSpans(
  stages: readonly Stage[],
): readonly { readonly fromMs: Milliseconds; readonly toMs: Milliseconds }[] {
  let from = 0;
  return stages.map(({ durationMs }) => {
    const span = { fromMs: milliseconds(from), toMs: milliseconds(from + durationMs) };
    from += durationMs;
    return span;
  });
}

function openProfile(load: OpenLoadInput, reasons: Reasons): LoadProfile {
  const stages = load.stages.flatMap((stage, index) => openStages(stage, `load.stages[${index}]`, reasons));
  const warmUp = warmUpStage(load, stages[0], reasons);
  const all = warmUp === null ? stages : [warmUp, ...stages];
  if (all.length > mostStages)
    reasons.add('load.stages', `${all.length} stages are more than ${mostStages}`, 'use larger steps, or one ramp');
  return { kind: 'open', arrivals: load.arrivals ?? 'even', stages: uniquelyNamed(all.slice(0, mostStages + 1)) };
}

function openStages(stage: StageInput, where: string, reasons: Reasons): OpenStage[] {
  if ('stair' in stage) {
    const from = positiveRate(stage.stair.from, `${where}.stair.from`, reasons);
    const to = positiveRate(stage.stair.to, `${where}.stair.to`, reasons);
    const step = positiveRate(stage.stair.step, `${where}.stair.step`, reasons);
    const durationMs = stageDuration(stage.hold, `${where}.hold`, reasons);
    if (from <= 0 || to <= 0 || step <= 0) return [];
    return stairLevels(from, to, step).map((level) => hold(level, durationMs, 'hold', null));
  }
  if ('ramp' in stage) {
    const [start, end] = stage.ramp.map((value, index) => rateOfText(value, `${where}.ramp[${index}]`, reasons));
    const durationMs = stageDuration(stage.for, `${where}.for`, reasons);
    const [startPerSecond, endPerSecond] = [start ?? perSecond(0), end ?? perSecond(0)];
    if (startPerSecond + endPerSecond <= 0)
      reasons.add(`${where}.ramp`, 'a ramp from 0 to 0 sends nothing', 'give at least one end a rate above 0');
    const name = stage.name ?? `${rateName(startPerSecond)} to ${rateName(endPerSecond)}`;
    return [{ name, kind: 'ramp', startPerSecond, endPerSecond, durationMs }];
  }
  const rate = positiveRate(stage.hold, `${where}.hold`, reasons);
  return [hold(rate, stageDuration(stage.for, `${where}.for`, reasons), 'hold', stage.name ?? null)];
}

/** From `from` by `step` towards `to`, which is always the last, even where the step does not divide. */
export function stairLevels(from: PerSecond, to: PerSecond, step: PerSecond): readonly PerSecond[] {
  const direction = to >= from ? 1 : -1;
  const levels: PerSecond[] = [];
  // A tolerance, since 0.1 + 0.2 is not 0.3: a level closer than that to `to` is `to`.
  const tolerance = step * 1e-6;
  for (let n = 0; levels.length <= mostStages; n++) {
    const level = from + direction * n * step;
    if (direction * (to - level) <= tolerance) break;
    levels.push(perSecond(Number(level.toPrecision(12))));
  }
  return [...levels, to];
}

function warmUpStage(load: OpenLoadInput, first: OpenStage | undefined, reasons: Reasons): OpenStage | null {
  const input = load.warmUp ?? defaultWarmUp;
  const durationMs =
    typeof input === 'string'
      ? duration(input, 'load.warmUp', reasons)
      : duration(input.for, 'load.warmUp.for', reasons);
  if (durationMs === 0 || first === undefined) return null;
  const rate =
    typeof input === 'string'
      ? perSecond(Math.max(first.startPerSecond, first.startPerSecond === 0 ? first.endPerSecond : 0))
      : positiveRate(input.rate, 'load.warmUp.rate', reasons);
  return hold(rate, durationMs, 'warm-up', 'warm-up');
}

function closedProfile(load: ClosedLoadInput, reasons: Reasons): LoadProfile {
  const thinkTimeMs =
    load.thinkTime === undefined ? milliseconds(0) : duration(load.thinkTime, 'load.thinkTime', reasons);
  const inputs = typeof load.users === 'number' ? [{ users: load.users, for: load.for ?? '20s' }] : load.users;
  const stages = inputs.map((input, index): ClosedStage => {
    const where = typeof load.users === 'number' ? 'load' : `load.users[${index}]`;
    if (!Number.isInteger(input.users) || input.users <= 0)
      reasons.add(`${where}.users`, `${input.users} users`, 'write a whole number above 0');
    const durationMs = stageDuration(input.for, `${where}.for`, reasons);
    return { name: `${input.users} users`, kind: 'hold', users: input.users, durationMs };
  });
  const warmUp = duration(load.warmUp ?? defaultWarmUp, 'load.warmUp', reasons);
  const [first] = stages;
  const all: ClosedStage[] =
    warmUp > 0 && first !== undefined
      ? [{ name: 'warm-up', kind: 'warm-up', users: first.users, durationMs: warmUp }, ...stages]
      : stages;
  return { kind: 'closed', stages: uniquelyNamed(all), thinkTimeMs };
}

const hold = (rate: PerSecond, durationMs: Milliseconds, kind: StageKind, name: string | null): OpenStage => ({
  name: name ?? rateName(rate),
  kind,
  startPerSecond: rate,
  endPerSecond: rate,
  durationMs,
});

const rateName = (rate: PerSecond): string => `${Number(rate.toPrecision(6))}/s`;

/** A downward stair passes levels twice: the second of a name gets a number. */
function uniquelyNamed<S extends Stage>(stages: readonly S[]): readonly S[] {
  const seen = new Map<string, number>();
  return stages.map((stage) => {
    const times = (seen.get(stage.name) ?? 0) + 1;
    seen.set(stage.name, times);
    return times === 1 ? stage : { ...stage, name: `${stage.name} (${times})` };
  });
}

function rateOfText(value: number | string, where: string, reasons: Reasons): PerSecond {
  const hint = 'write requests per second, such as 200 or "200/s"';
  if (typeof value === 'string') return reasons.collect(where, perSecond(Number.NaN), () => parseRate(value));
  if (Number.isFinite(value) && value >= 0) return perSecond(value);
  reasons.add(where, `${value} is not a rate`, hint);
  return perSecond(Number.NaN);
}

function positiveRate(value: number | string, where: string, reasons: Reasons): PerSecond {
  const rate = rateOfText(value, where, reasons);
  if (rate === 0) reasons.add(where, 'a rate of 0 sends nothing', 'write a rate above 0, such as 200 or "30/m"');
  return Number.isNaN(rate) ? perSecond(0) : rate;
}

function stageDuration(text: string, where: string, reasons: Reasons): Milliseconds {
  const value = duration(text, where, reasons);
  if (value > 0 && value < seconds(1))
    reasons.add(where, `a stage of ${text} is too short`, 'a stage lasts at least 1s');
  if (value === 0 && /\d/.test(text) && reasons.list.every((reason) => reason.where !== where))
    reasons.add(where, 'a stage of no length', 'a stage lasts at least 1s');
  return value;
}

const duration = (text: string, where: string, reasons: Reasons): Milliseconds =>
  reasons.collect(where, milliseconds(0), () => parseDuration(text));
