import { type EpochMilliseconds, after, between, seconds } from '../../model/units.ts';
import type { ProfilingEffect } from '../analysis.ts';
import { type TimeWindow, increaseIn, pointsIn } from '../metrics/series-window.ts';
import type { Signal } from '../metrics/signal.ts';
import type { CpuProfileUse } from '../profiles/cpu-profile-use.ts';
import { pairedRatio } from '../statistics/paired-ratio.ts';
import { Completions } from '../traffic/completions.ts';
import type { DecodedTraffic, StageTraffic } from '../traffic/decode-traffic.ts';
import { queueGrew } from '../traffic/queue-growth.ts';
import { mergeValueCounts, timeQuantile } from '../traffic/value-counts.ts';
import { defineAnalyzer } from './analyzer.ts';
import { confidence } from './latency-quantiles.ts';
import { type StageValidity, isUndisturbed } from './stage-validity.ts';

/** Two stages can differ by any chance. */
const fewestStages = 3;
const quantile = 0.99;
const fewestAbove = 10;
const fewestRequests = Math.round(fewestAbove / (1 - quantile));
/** After its last sample the runtime collects and writes a profile. */
const writing = seconds(0.5);
/** A timer is late by a few milliseconds: a second is not profiled because the next one's profile began a hair early. */
const touched = 0.05;

/**
 * What a running CPU profile did to the target: the profile covers the middle of a hold's steady window only, so the
 * seconds before and after it are the same load without. CPU per request and the p99 of response time (of histograms that
 * were added up) are compared within each stage; the ratios of the stages make the estimate. Seconds on both sides are
 * asked for, against drift, and stages in which a queue grew are left out.
 */
export const profilingEffect = defineAnalyzer({
  name: 'profiling-effect',
  needs: ['cpuProfiles', 'traffic', 'validity'],
  wants: ['signals'],
  answer: ({ cpuProfiles, traffic, validity, signals }): ProfilingEffect => {
    const completions = new Completions(traffic);
    const stages = comparableStages(cpuProfiles, traffic, validity, completions);
    const cpuMs = signals?.process.cpuMs ?? null;
    const cpu = cpuMs === null ? [] : stages.flatMap((stage) => cpuRatio(stage, cpuMs, completions) ?? []);
    const p99 = stages.flatMap((stage) => p99Ratio(stage) ?? []);
    return {
      cpuPerRequest: overStages(cpu),
      responseTimeP99: overStages(p99),
      note: noteOf(stages.length, cpuMs === null ? null : cpu.length, p99.length),
    };
  },
});

/** A stage with a CPU profile in it; `profiled` tells whether a piece of its time belongs to the profile. */
interface ComparableStage {
  readonly traffic: StageTraffic;
  readonly window: TimeWindow;
  readonly startedAt: EpochMilliseconds;
  readonly profiled: (piece: TimeWindow) => boolean;
}

function comparableStages(
  profiles: readonly CpuProfileUse[],
  { measurement: { startedAt }, stages }: DecodedTraffic,
  validity: readonly StageValidity[],
  completions: Completions,
): ComparableStage[] {
  return stages.flatMap((stage): ComparableStage[] => {
    const profile = profiles.find((each) => each.stage === stage.index);
    if (profile === undefined || stage.stage.kind !== 'hold' || !isUndisturbed(validity[stage.index])) return [];
    if (queueGrew(stage, startedAt, completions)) return [];
    const on = { from: profile.startedAt, to: after(after(profile.startedAt, profile.durationMs), writing) };
    const { fromMs, toMs } = stage.window;
    return [
      {
        traffic: stage,
        startedAt,
        window: { from: after(startedAt, fromMs), to: after(startedAt, toMs) },
        profiled: (piece) => overlap(piece, on) > touched * between(piece.from, piece.to),
      },
    ];
  });
}

const overlap = (one: TimeWindow, other: TimeWindow): number =>
  Math.min(one.to, other.to) - Math.max(one.from, other.from);

/**
 * CPU per answered request with the profile on over that without, which is read off the straight line between the part
 * before and the part after, so that a steady drift is no effect; null where a part has no two readings.
 */
function cpuRatio(stage: ComparableStage, { series }: Signal, completions: Completions): number | null {
  const at = pointsIn(series, stage.window).map((point) => point.at);
  const pieces = at.slice(1).map((to, index): TimeWindow => ({ from: at[index] ?? to, to }));
  const parts = partsOf(pieces, stage.profiled);
  if (parts === null) return null;
  const [before, on, later] = [parts.before, parts.on, parts.after].map((part) => {
    const window = { from: part[0]?.from ?? stage.window.from, to: part.at(-1)?.to ?? stage.window.from };
    const increase = increaseIn(series, window);
    const answered = completions.in(window.from, window.to);
    if (increase === null || increase.resets.length > 0 || answered === 0) return null;
    return { middle: (window.from + window.to) / 2, cost: increase.value / answered };
  });
  if (!before || !on || !later) return null;
  const share = (on.middle - before.middle) / (later.middle - before.middle);
  return ratioOf(on.cost, before.cost + share * (later.cost - before.cost));
}

/** p99 of response time of what was due while the profile was on over that of the rest; null where either is too few. */
function p99Ratio({ traffic, startedAt, profiled }: ComparableStage): number | null {
  const pieces = traffic.all.steady.map(({ second, response }) => ({
    from: after(startedAt, seconds(second)),
    to: after(startedAt, seconds(second + 1)),
    response,
  }));
  const parts = partsOf(pieces, profiled);
  if (parts === null) return null;
  const [on, off] = [parts.on, [...parts.before, ...parts.after]].map((part) =>
    mergeValueCounts(part.map(({ response }) => response)),
  );
  if (on === undefined || off === undefined || Math.min(on.total, off.total) < fewestRequests) return null;
  return ratioOf(timeQuantile(on, quantile), timeQuantile(off, quantile));
}

interface Parts<Piece> {
  readonly before: readonly Piece[];
  readonly on: readonly Piece[];
  readonly after: readonly Piece[];
}

/** Pieces in order of time, cut where the profile began and ended; null where one of the three parts is empty. */
function partsOf<Piece extends TimeWindow>(
  pieces: readonly Piece[],
  profiled: ComparableStage['profiled'],
): Parts<Piece> | null {
  const first = pieces.findIndex(profiled);
  const end = pieces.findLastIndex(profiled) + 1;
  if (first <= 0 || end === pieces.length) return null;
  return { before: pieces.slice(0, first), on: pieces.slice(first, end), after: pieces.slice(end) };
}

const ratioOf = (one: number | null, other: number | null): number | null =>
  one === null || other === null || one <= 0 || other <= 0 ? null : one / other;

const overStages = (ratios: readonly number[]): ProfilingEffect['cpuPerRequest'] =>
  ratios.length < fewestStages ? null : pairedRatio(ratios, confidence, 'stages');

function noteOf(stages: number, cpu: number | null, p99: number): string {
  if (stages === 0) return 'no valid hold stage without a growing queue had a CPU profile';
  const how =
    'seconds with the profile on against the seconds before and after it, in valid holds without a growing queue';
  const missing = [
    cpu === null
      ? 'CPU of the process was not collected'
      : cpu < fewestStages
        ? `CPU can be compared in ${cpu} of ${stages} stages`
        : null,
    p99 < fewestStages ? `p99, of ${fewestRequests} requests and more, in ${p99} of ${stages} stages` : null,
  ].filter((reason) => reason !== null);
  return missing.length === 0 ? how : `${how}: ${missing.join(', ')}; ${fewestStages} are needed`;
}

export const unknownEffect = (reason: string): ProfilingEffect => ({
  cpuPerRequest: null,
  responseTimeP99: null,
  note: reason,
});
