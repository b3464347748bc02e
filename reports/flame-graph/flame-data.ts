/** What a flame graph is drawn from: a call tree in few letters, since it goes into the page as JSON. */
export interface FlameData {
  /** What a frame's width means, as it stands in a sentence: "CPU time". */
  readonly measure: string;
  /** Of all values, as format-quantity.ts knows it. */
  readonly unit: string;
  /**
   * How values scatter: as numbers of samples of one size do (poisson), not at all since everything was counted (none), or
   * in a way that the profile does not tell (unknown).
   */
  readonly scatter: 'poisson' | 'none' | 'unknown';
  readonly functions: readonly string[];
  /** Of each function one digit: its place in `functionOrigins`. */
  readonly origins: string;
  /** As in a call tree: depth first, the root -1, minus a number where so many small frames are one. */
  readonly functionOf: readonly number[];
  readonly depthOf: readonly number[];
  readonly profiles: readonly FlameProfile[];
  /** What the values of all profiles are multiples of. */
  readonly factor: number;
  /** What is shown at first, and what it is compared with once that is asked for; null: there is nothing else. */
  readonly shown: number;
  readonly base: number | null;
  readonly isCompared: boolean;
  /** What was left out, in a sentence; '' where nothing was. */
  readonly leftOut: string;
}

export interface FlameProfile {
  /** "stage 5 (1,000/s)" */
  readonly title: string;
  /** Of each node with all that it called, in `factor`. */
  readonly values: readonly number[];
  readonly samples: number | null;
  /** Null: a state at one instant, or not known. */
  readonly durationMs: number | null;
  readonly requests: number | null;
  readonly note: string | null;
}
