import type { ClosedLoadProfile, LoadProfile, OpenLoadProfile } from '../../../model/load-profile.ts';
import { type Random, seededRandom, streamSeed } from '../../../model/random.ts';
import { type DueTimes, dueTimes, stageAt, stageStarts } from '../../../scenarios/load-schedule.ts';
import { milliseconds } from '../../../model/units.ts';

/** When the next request is due, whoever decides it: a schedule (open loop) or users (closed loop). */
export interface Arrivals {
  /** Milliseconds from the start of the load; infinite where nothing is due by itself. */
  readonly nextAt: number;
  readonly nextStage: number;
  /** −1 in an open loop. */
  readonly nextUser: number;
  /** The next request was handed over. */
  advance(): void;
  /** A stage begins. */
  enter(stage: number, at: number): void;
  /** A user's request ended. */
  ended(user: number, at: number): void;
}

export function arrivalsOf(profile: LoadProfile, seed: number): Arrivals {
  return profile.kind === 'open' ? new ScheduledArrivals(profile, seed) : new UserArrivals(profile, seed);
}

class ScheduledArrivals implements Arrivals {
  readonly nextUser = -1;
  readonly #due: DueTimes;

  constructor(profile: OpenLoadProfile, seed: number) {
    this.#due = dueTimes(profile, seed);
  }

  get nextAt(): number {
    return this.#due.offsetMs;
  }

  get nextStage(): number {
    return this.#due.stage;
  }

  advance(): void {
    this.#due.advance();
  }

  enter(): void {
    // The schedule knows its stages.
  }

  ended(): void {
    // An answer makes nothing due.
  }
}

/**
 * A fixed number of users per stage: each asks, waits for the end, thinks (exponential, from a random stream of its
 * own), asks again. Users a stage no longer wants stop after their answer; new ones begin with a think time, so that
 * they don't come all at once (without think time they do).
 */
class UserArrivals implements Arrivals {
  readonly #profile: ClosedLoadProfile;
  readonly #end: number;
  readonly #random: Random[];
  /** Users not in the load at present. */
  readonly #away: boolean[];
  /** Binary heap of [due, user], soonest first. */
  readonly #thinking: { at: number; user: number }[] = [];

  constructor(profile: ClosedLoadProfile, seed: number) {
    this.#profile = profile;
    this.#end = stageStarts(profile).at(-1) ?? 0;
    const users = Math.max(0, ...profile.stages.map((stage) => stage.users));
    this.#random = Array.from({ length: users }, (_, user) => seededRandom(streamSeed(seed, -1 - user)));
    this.#away = Array.from({ length: users }, () => true);
  }

  get nextAt(): number {
    return this.#thinking[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  get nextStage(): number {
    return stageAt(this.#profile, milliseconds(this.nextAt)) ?? 0;
  }

  get nextUser(): number {
    return this.#thinking[0]?.user ?? -1;
  }

  advance(): void {
    const last = this.#thinking.pop();
    if (last === undefined || this.#thinking.length === 0) return;
    this.#thinking[0] = last;
    this.#sink();
  }

  enter(stage: number, at: number): void {
    const users = this.#profile.stages[stage]?.users ?? 0;
    for (let user = 0; user < users; user++) {
      if (this.#away[user] !== true) continue;
      this.#away[user] = false;
      this.#think(user, at);
    }
  }

  ended(user: number, at: number): void {
    if (user >= 0) this.#think(user, at);
  }

  #think(user: number, from: number): void {
    const pause = this.#profile.thinkTimeMs;
    const at = pause === 0 ? from : from + pause * (this.#random[user]?.exponential() ?? 0);
    const stage = stageAt(this.#profile, milliseconds(at));
    if (at >= this.#end || stage === null || user >= (this.#profile.stages[stage]?.users ?? 0)) {
      this.#away[user] = true;
      return;
    }
    this.#thinking.push({ at, user });
    this.#rise();
  }

  #rise(): void {
    const heap = this.#thinking;
    for (let index = heap.length - 1; index > 0;) {
      const parent = (index - 1) >> 1;
      if ((heap[parent]?.at ?? 0) <= (heap[index]?.at ?? 0)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(): void {
    const heap = this.#thinking;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const right = left + 1;
      if (left >= heap.length) return;
      const child = right < heap.length && (heap[right]?.at ?? 0) < (heap[left]?.at ?? 0) ? right : left;
      if ((heap[index]?.at ?? 0) <= (heap[child]?.at ?? 0)) return;
      this.#swap(index, child);
      index = child;
    }
  }

  #swap(one: number, other: number): void {
    const heap = this.#thinking;
    const [a, b] = [heap[one], heap[other]];
    if (a === undefined || b === undefined) return;
    heap[one] = b;
    heap[other] = a;
  }
}
