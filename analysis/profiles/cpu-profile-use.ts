import type { ProfileCapture } from '../../model/measurements.ts';
import { type Captured, captureFailed, captured } from '../../model/measurements.ts';
import { messageOf } from '../../model/message-of.ts';
import type { EpochMilliseconds, Milliseconds } from '../../model/units.ts';
import { isCollecting } from './collecting-functions.ts';
import { decodeProfile } from './decode-profile.ts';
import type { Profile } from './profile.ts';

/** A CPU profile of a stage: when it ran, and how much of what it saw was collecting. */
export interface CpuProfileUse {
  readonly stage: number;
  /** By this side's clock. */
  readonly startedAt: EpochMilliseconds;
  readonly durationMs: Milliseconds;
  readonly samples: Captured<CollectingSamples>;
}

/** Samples are those of the profiler (100 a second of CPU time), not distinct stacks. */
export interface CollectingSamples {
  readonly all: number;
  /** Of `all`, those with a function of `isCollecting` on their stack. */
  readonly collecting: number;
}

/**
 * The CPU profiles of stages that were taken, in the order of the captures.
 *
 * @param read gives the bytes of a file of the run folder; what it throws becomes the reason why `samples` is missing.
 */
export function cpuProfileUse(
  captures: readonly ProfileCapture[],
  read: (file: string) => Uint8Array,
): readonly CpuProfileUse[] {
  return captures.flatMap(({ stage, kind, startedAt, durationMs, content }): CpuProfileUse[] => {
    if (kind !== 'cpu' || stage === null || content.status !== 'captured') return [];
    return [{ stage, startedAt, durationMs, samples: readSamples(content.value.file, read) }];
  });
}

function readSamples(file: string, read: (file: string) => Uint8Array): Captured<CollectingSamples> {
  try {
    return captured(collectingSamples(decodeProfile(read(file))));
  } catch (error) {
    const reason = messageOf(error);
    return captureFailed(reason.split('\n')[0] ?? '');
  }
}

/** @throws Error where the profile does not count samples. */
export function collectingSamples({ sampleTypes, functions, locations, samples }: Profile): CollectingSamples {
  const counted = sampleTypes.findIndex(({ unit }) => unit === 'count');
  if (counted === -1) throw new Error('the profile does not say how many samples it holds');
  const marked = functions.map(({ name }) => isCollecting(name));
  const markedLocations = locations.map(({ lines }) => lines.some((line) => marked[line.function] === true));
  let all = 0;
  let collecting = 0;
  for (let sample = 0; sample < samples.count; sample++) {
    const count = samples.values[sample * sampleTypes.length + counted] ?? 0;
    all += count;
    const stack = samples.stack.subarray(samples.stackStart[sample], samples.stackStart[sample + 1]);
    if (stack.some((location) => markedLocations[location] === true)) collecting += count;
  }
  return { all, collecting };
}
