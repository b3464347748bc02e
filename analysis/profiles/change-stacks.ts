import type { Profile, ProfileLabel } from './profile.ts';

/**
 * The profile with other stacks.
 *
 * @param change gets the locations of one sample, leaf first, and its index, and gives those that stay; null leaves the sample out.
 */
export function changeStacks(
  profile: Profile,
  change: (stack: Uint32Array, sample: number) => Uint32Array | null,
): Profile {
  const { samples, sampleTypes } = profile;
  const each = sampleTypes.length;
  const stackStart = new Uint32Array(samples.count + 1);
  const stack = new Uint32Array(samples.stack.length);
  const values = new Float64Array(samples.values.length);
  const labels: (readonly ProfileLabel[])[] = [];
  for (let index = 0; index < samples.count; index++) {
    const changed = change(samples.stack.subarray(samples.stackStart[index], samples.stackStart[index + 1]), index);
    if (changed === null) continue;
    const count = labels.length;
    const start = stackStart[count] ?? 0;
    stack.set(changed, start);
    stackStart[count + 1] = start + changed.length;
    values.set(samples.values.subarray(index * each, (index + 1) * each), count * each);
    labels.push(samples.labels[index] ?? []);
  }
  const count = labels.length;
  return {
    ...profile,
    samples: {
      count,
      stackStart: stackStart.subarray(0, count + 1),
      stack: stack.subarray(0, stackStart[count]),
      values: values.subarray(0, count * each),
      labels,
    },
  };
}
