import { MergedSamples } from './merged-samples.ts';
import type { Profile } from './profile.ts';

/**
 * What was added from one snapshot to a later one of the same process: values are subtracted stack by stack (address,
 * function and line of every frame) and label by label; samples that come to 0 are left out. As `go tool pprof -base`.
 *
 * @throws RangeError where the two hold different sample types.
 */
export function profileDifference(before: Profile, after: Profile): Profile {
  if (!haveDifference(before, after))
    throw new RangeError(`profiles of ${typesOf(before)} and of ${typesOf(after)} have no difference`);
  const merged = new MergedSamples(after.sampleTypes.length);
  merged.add(after);
  merged.add(before, -1);
  return { ...after, ...merged.finish() };
}

/** Whether two profiles hold values of the same kinds. */
export const haveDifference = (one: Profile, other: Profile): boolean => typesOf(one) === typesOf(other);

const typesOf = ({ sampleTypes }: Profile): string => sampleTypes.map(({ type, unit }) => `${type}/${unit}`).join(' ');
