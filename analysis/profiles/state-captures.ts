import type { ProfileCapture } from '../../model/measurements.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import { decodeProfile } from './decode-profile.ts';
import type { Profile } from './profile.ts';
import { UnreadableProfile } from './unreadable-profile.ts';

/** What there was in the process at one instant. */
export interface StateCapture {
  readonly stage: number | null;
  readonly label: ProfileCapture['label'];
  readonly at: EpochMilliseconds;
  readonly profile: Profile;
}

/** Snapshots of states, in the order of time. */
export interface StateCaptures {
  readonly goroutines: readonly StateCapture[];
  /** Memory in use as of the last collection: profiles of heap and of allocs hold the same. */
  readonly inUse: readonly StateCapture[];
}

/**
 * The snapshots that tell what is kept over a run; those that cannot be read are left out, since a later one says more.
 *
 * @param read gives the bytes of a file of the run folder; what it throws leaves the snapshot out
 */
export function stateCaptures(captures: readonly ProfileCapture[], read: (file: string) => Uint8Array): StateCaptures {
  const inTime = captures.toSorted((one, other) => one.startedAt - other.startedAt);
  const ofKinds = (...kinds: readonly ProfileCapture['kind'][]): readonly StateCapture[] =>
    inTime.filter(({ kind }) => kinds.includes(kind)).flatMap((capture) => stateOf(capture, read));
  return { goroutines: ofKinds('goroutine'), inUse: ofKinds('heap', 'allocs') };
}

function stateOf(
  { stage, label, startedAt, content }: ProfileCapture,
  read: (file: string) => Uint8Array,
): readonly StateCapture[] {
  if (content.status !== 'captured') return [];
  const bytes = readable(() => read(content.value.file));
  if (bytes === null) return [];
  try {
    return [{ stage, label, at: startedAt, profile: decodeProfile(bytes) }];
  } catch (error) {
    if (error instanceof UnreadableProfile) return [];
    throw error;
  }
}

/** The summary of the profile says why it could not be read. */
function readable(read: () => Uint8Array): Uint8Array | null {
  try {
    return read();
  } catch {
    return null;
  }
}
