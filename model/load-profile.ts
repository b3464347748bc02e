import type { Milliseconds, PerSecond } from './units.ts';

/** Even: gaps all alike. Poisson: independent exponential gaps, what many unrelated users look like. */
export type Arrivals = 'even' | 'poisson';

/**
 * How the load is put on. The kind survives into the report, since the two answer different questions:
 * - open: requests come at their due times whether or not earlier ones were answered ("how much can it take?");
 * - closed: each user waits for the answer, thinks, asks again ("how does it feel to so many users?").
 */
export type LoadProfile = OpenLoadProfile | ClosedLoadProfile;

export interface OpenLoadProfile {
  readonly kind: 'open';
  readonly arrivals: Arrivals;
  readonly stages: readonly OpenStage[];
}

export interface ClosedLoadProfile {
  readonly kind: 'closed';
  readonly stages: readonly ClosedStage[];
  /** Pause of a user between an answer and the next request, exponential with this mean; 0: none. */
  readonly thinkTimeMs: Milliseconds;
}

export type StageKind = 'warm-up' | 'hold' | 'ramp' | 'cool-down';

/**
 * One stretch of load. Stages follow one another without a gap; the first starts at offset 0. In a hold the rate at
 * start and end are the same; in a ramp it moves linearly between them. (A stair in a scenario is several holds.)
 */
export interface OpenStage {
  readonly name: string;
  readonly kind: StageKind;
  readonly startPerSecond: PerSecond;
  readonly endPerSecond: PerSecond;
  readonly durationMs: Milliseconds;
}

export interface ClosedStage {
  readonly name: string;
  readonly kind: StageKind;
  readonly users: number;
  readonly durationMs: Milliseconds;
}

export type Stage = OpenStage | ClosedStage;
