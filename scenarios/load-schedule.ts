import type { Arrivals, LoadProfile, OpenLoadProfile, OpenStage } from '../model/load-profile.ts';
import { type Random, seededRandom, streamSeed } from '../model/random.ts';
import { type Milliseconds, type PerSecond, eventsIn, milliseconds, perSecond } from '../model/units.ts';

/**
 * Arithmetic of an open-loop schedule. Everything follows from A(t), the integral of the piecewise linear rate: the
 * arrivals expected up to offset t. Even arrivals are due where A(t) = n + ½, so that a hold of rate × duration = n
 * (a whole number) holds exactly n of them and no rounding can push one over a stage's edge. Poisson arrivals are a
 * unit-rate Poisson process sent through the inverse of A (time change), which is exact for ramps too.
 * Stages are half-open: [start, end).
 */

/** Offsets at which the stages start, and as last element where the profile ends. */
export function stageStarts(profile: LoadProfile): readonly Milliseconds[] {
  const starts = [milliseconds(0)];
  let offset = 0;
  for (const stage of profile.stages) {
    offset += stage.durationMs;
    starts.push(milliseconds(offset));
  }
  return starts;
}

/** Index of the stage an offset belongs to; null before the first and from the end of the last on. */
export function stageAt(profile: LoadProfile, offset: Milliseconds): number | null {
  if (offset < 0) return null;
  let end = 0;
  for (const [index, stage] of profile.stages.entries()) {
    end += stage.durationMs;
    if (offset < end) return index;
  }
  return null;
}

/** Rate asked for at an offset from the start of the load; 0 outside the profile. */
export function rateAt(profile: OpenLoadProfile, offset: Milliseconds): PerSecond {
  const index = stageAt(profile, offset);
  const stage = index === null ? undefined : profile.stages[index];
  if (index === null || stage === undefined) return perSecond(0);
  const share = (offset - (stageStarts(profile)[index] ?? 0)) / stage.durationMs;
  return perSecond(stage.startPerSecond + (stage.endPerSecond - stage.startPerSecond) * share);
}

/** A real number: arrivals the profile asks for between two offsets, the mean of a Poisson count. */
export function expectedArrivals(profile: OpenLoadProfile, from: Milliseconds, to: Milliseconds): number {
  return arrivalsUpTo(profile, to) - arrivalsUpTo(profile, from);
}

function arrivalsUpTo(profile: OpenLoadProfile, offset: Milliseconds): number {
  let start = 0;
  let sum = 0;
  for (const stage of profile.stages) {
    if (offset <= start) break;
    sum += areaUpTo(stage, milliseconds(Math.min(offset - start, stage.durationMs)));
    start += stage.durationMs;
  }
  return sum;
}

/** Expected arrivals in the first `elapsed` of a stage: a trapezium. */
function areaUpTo(stage: OpenStage, elapsed: Milliseconds): number {
  if (stage.durationMs <= 0) return 0;
  const slope = (stage.endPerSecond - stage.startPerSecond) / stage.durationMs;
  return eventsIn(perSecond(stage.startPerSecond + (slope * elapsed) / 2), elapsed);
}

/** Inverse of `areaUpTo`, in the form of the quadratic's root that loses no digits when the slope is near 0. */
function elapsedAt(stage: OpenStage, area: number): number {
  const perMs = eventsIn(stage.startPerSecond, milliseconds(1));
  const slope = (eventsIn(stage.endPerSecond, milliseconds(1)) - perMs) / stage.durationMs;
  if (slope === 0) return area / perMs;
  return (2 * area) / (perMs + Math.sqrt(Math.max(0, perMs * perMs + 2 * slope * area)));
}

/** Walks through due times without making an object for each. */
export interface DueTimes {
  /** Offset of the next due time from the start of the load; infinite when there is none left. */
  readonly offsetMs: Milliseconds;
  /** Stage of that due time. */
  readonly stage: number;
  /** Goes on to the due time after it. */
  advance(): void;
}

/** Due times of the whole profile, or of one stage (still as offsets from the start of the load). */
export function dueTimes(profile: OpenLoadProfile, seed: number, onlyStage?: number): DueTimes {
  return new ProfileDueTimes(profile, seed, onlyStage);
}

class ProfileDueTimes implements DueTimes {
  offsetMs = milliseconds(Number.NEGATIVE_INFINITY);
  stage: number;
  readonly #profile: OpenLoadProfile;
  readonly #seed: number;
  readonly #lastStage: number;
  #stageStart = 0;
  #current: OpenStage | undefined;
  /** Area under the stage's rate at the next due time, and at the stage's end. */
  #area = 0;
  #stageArea = 0;
  /** Of an even schedule: A at the stage's start, so that fractions carry over from stage to stage. */
  #areaBefore = 0;
  #gaps: Random | null = null;

  constructor(profile: OpenLoadProfile, seed: number, onlyStage: number | undefined) {
    this.#profile = profile;
    this.#seed = seed;
    this.stage = onlyStage ?? 0;
    this.#lastStage = onlyStage ?? profile.stages.length - 1;
    for (const earlier of profile.stages.slice(0, this.stage)) this.#pass(earlier);
    this.#enter();
    this.#settle();
  }

  advance(): void {
    this.#area += this.#gaps === null ? 1 : this.#gaps.exponential();
    this.#settle();
  }

  #pass(stage: OpenStage): void {
    this.#stageStart += stage.durationMs;
    this.#areaBefore += areaUpTo(stage, stage.durationMs);
  }

  #enter(): void {
    this.#current = this.#profile.stages[this.stage];
    if (this.#current === undefined) return;
    this.#stageArea = areaUpTo(this.#current, this.#current.durationMs);
    this.#gaps = gapsOf(this.#profile.arrivals, this.#seed, this.stage);
    // The exponential has no memory, so a stream of gaps of its own per stage is still one Poisson process.
    this.#area = this.#gaps === null ? firstEvenArea(this.#areaBefore) : this.#gaps.exponential();
  }

  /** Moves on through stages that hold no further due time. */
  #settle(): void {
    while (this.#current !== undefined && this.#area >= this.#stageArea) {
      if (this.stage === this.#lastStage) {
        this.#current = undefined;
        break;
      }
      this.#pass(this.#current);
      this.stage++;
      this.#enter();
    }
    if (this.#current === undefined) {
      this.offsetMs = milliseconds(Number.POSITIVE_INFINITY);
      return;
    }
    // Rounding must not carry a due time over the stage's (half-open) end.
    const elapsed = Math.min(elapsedAt(this.#current, this.#area), this.#current.durationMs * (1 - Number.EPSILON));
    this.offsetMs = milliseconds(this.#stageStart + elapsed);
  }
}

/** The schedule's random streams are numbered −1, −2, … (iterations have 0, 1, …); null for even arrivals. */
function gapsOf(arrivals: Arrivals, seed: number, stage: number): Random | null {
  return arrivals === 'even' ? null : seededRandom(streamSeed(seed, -1 - stage));
}

/** Area from the stage's start to the first n + ½; sums that should be whole numbers are taken as such. */
function firstEvenArea(areaBefore: number): number {
  const nearest = Math.round(areaBefore);
  const before = Math.abs(areaBefore - nearest) < 1e-6 ? nearest : areaBefore;
  return Math.ceil(before - 0.5) + 0.5 - before;
}
