import type { EpochMilliseconds, Milliseconds } from '../../model/units.ts';

/** A pprof profile (profile.proto), resolved: every index is valid and no id is left. */
export interface Profile {
  /** What the values of a sample mean, such as type `cpu` of unit `nanoseconds`; at least one. */
  readonly sampleTypes: readonly ValueType[];
  /** Index of the sample type that tools show unasked: the one the profile names, else the last. */
  readonly defaultSampleType: number;
  readonly functions: readonly ProfileFunction[];
  readonly locations: readonly ProfileLocation[];
  readonly samples: ProfileSamples;
  /** Null where the profile does not say. */
  readonly startedAt: EpochMilliseconds | null;
  readonly durationMs: Milliseconds;
}

export interface ValueType {
  readonly type: string;
  readonly unit: string;
}

export interface ProfileFunction {
  readonly name: string;
  readonly file: string;
}

/** An address in the program. Several lines: functions inlined at it, innermost first; none: no symbols there. */
export interface ProfileLocation {
  readonly address: number;
  /** File of the program or library; empty where unknown. */
  readonly mapping: string;
  readonly lines: readonly { readonly function: number; readonly line: number }[];
}

export interface ProfileLabel {
  readonly key: string;
  readonly value: string | number;
  /** Of a number; empty otherwise. */
  readonly unit: string;
}

/** All samples as columns. Sample i's stack is `stack[stackStart[i]] … stack[stackStart[i + 1] − 1]`, leaf first. */
export interface ProfileSamples {
  readonly count: number;
  readonly stackStart: Uint32Array;
  /** Indices into `locations`. */
  readonly stack: Uint32Array;
  /** `count` × sample types, those of one sample beside each other. Exact to 2^53. */
  readonly values: Float64Array;
  /** One list per sample. */
  readonly labels: readonly (readonly ProfileLabel[])[];
}
