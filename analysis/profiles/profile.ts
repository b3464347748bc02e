import type { EpochMilliseconds, Milliseconds } from '../../model/units.ts';

/** A pprof profile (profile.proto), resolved: every index is valid and no id is left. */
export interface Profile {
  /** What the values of a sample mean, such as type `cpu` of unit `nanoseconds`; at least one. */
  readonly sampleTypes: readonly ValueType[];
  /** Index of the sample type that tools show unasked: the one the profile names, else the last. */
  readonly defaultSampleType: number;
  /** What one sample stands for (cpu in nanoseconds), which profiles that are merged must have in common. */
  readonly periodType: ValueType;
  /** Of `periodType`: how much lies between two samples, such as bytes between those of allocations. 0 where unknown. */
  readonly period: number;
  /** Regular expressions (RE2): frames of the functions that the first matches and the second does not are left out. */
  readonly dropFrames: string;
  readonly keepFrames: string;
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
  /** As the linker has it; Go gives the same as `name`. */
  readonly systemName: string;
  readonly file: string;
  /** 0 where unknown, as Go has it. */
  readonly startLine: number;
}

/** A piece of a program or library in memory. */
export interface ProfileMapping {
  readonly file: string;
  readonly buildId: string;
  readonly start: number;
  readonly limit: number;
  readonly offset: number;
}

export interface ProfileLine {
  /** Index into `functions`. */
  readonly function: number;
  readonly line: number;
  readonly column: number;
}

/** An address in the program. Several lines: functions inlined at it, innermost first; none: no symbols there. */
export interface ProfileLocation {
  readonly address: number;
  /** Null where unknown. */
  readonly mapping: ProfileMapping | null;
  readonly lines: readonly ProfileLine[];
  /** Functions of the same code were made one: the address stands for any of them. */
  readonly isFolded: boolean;
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
