import type { Profile } from './profile.ts';

export interface StackFrame {
  readonly function: string;
  /** Empty where the profile does not know; 0 likewise. */
  readonly file: string;
  readonly line: number;
}

export interface SampleStack {
  /** Innermost first; functions that were inlined have frames of their own. */
  readonly frames: readonly StackFrame[];
  /** Value by name of its sample type. */
  value(type: string): number;
}

/** The samples of a profile, one after the other. */
export function* sampleStacks({ functions, locations, samples, sampleTypes }: Profile): Generator<SampleStack> {
  const framesAt = locations.map(({ lines }) =>
    lines.map((each): StackFrame => {
      const { name = '', file = '' } = functions[each.function] ?? {};
      return { function: name, file, line: each.line };
    }),
  );
  const column = new Map(sampleTypes.map(({ type }, index) => [type, index]));
  for (let sample = 0; sample < samples.count; sample++) {
    const stack = samples.stack.subarray(samples.stackStart[sample], samples.stackStart[sample + 1]);
    yield {
      frames: Array.from(stack).flatMap((location) => framesAt[location] ?? []),
      value: (type) => samples.values[sample * sampleTypes.length + (column.get(type) ?? Number.NaN)] ?? 0,
    };
  }
}
