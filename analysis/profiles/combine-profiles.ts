import { changeStacks } from './change-stacks.ts';
import { MergedSamples } from './merged-samples.ts';
import type { Profile, ProfileLabel, ValueType } from './profile.ts';

/** Profiles that are taken off. */
export interface ProfileBase {
  readonly profiles: readonly Profile[];
  /** `-diff_base` of pprof instead of `-base`: nothing cancels before functions are summed up, and shares are of the base. */
  readonly isDiffBase: boolean;
}

/** Thrown where profiles hold different things: the message is one line for people. */
export class IncompatibleProfiles extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IncompatibleProfiles';
  }
}

/** Marks samples of a `-diff_base`, as pprof does in what it writes. */
export const baseLabel: ProfileLabel = { key: 'pprof::base', value: 'true', unit: '' };

/**
 * Profiles as one, a base taken off, as `go tool pprof` does it before it shows anything. A single profile stays as it is.
 *
 * @param normalize scale the values so that their sum is the base's, each sample type for itself.
 * @throws IncompatibleProfiles where they have no sample type in common, or their units differ.
 */
export function combineProfiles(profiles: readonly Profile[], base: ProfileBase | null, normalize = false): Profile {
  const source = merge(profiles);
  if (base === null) return source;
  const marked = merge(base.profiles);
  const taken = base.isDiffBase ? withLabel(marked, baseLabel) : marked;
  if (normalize && !hasSameTypes(source, taken)) throw different(source, taken);
  const scaled = normalize ? scale(source, ratiosTo(taken, source)) : source;
  return merge([
    scaled,
    scale(
      taken,
      taken.sampleTypes.map(() => -1),
    ),
  ]);
}

function merge(profiles: readonly Profile[]): Profile {
  const [first, ...others] = withCommonTypes(profiles);
  if (first === undefined) throw new RangeError('no profiles to merge');
  if (others.length === 0) return first;
  const merged = new MergedSamples(first.sampleTypes.length);
  for (const each of [first, ...others]) {
    if (!hasSameTypes(first, each)) throw different(first, each);
    merged.add(each);
  }
  return { ...first, period: Math.max(...profiles.map(({ period }) => period)), ...merged.finish() };
}

const nameOf = ({ type, unit }: ValueType): string => `${type}/${unit}`;
const namesOf = ({ sampleTypes }: Profile): string => sampleTypes.map(nameOf).join(' ');

const hasSameTypes = (one: Profile, other: Profile): boolean =>
  namesOf(one) === namesOf(other) && nameOf(one.periodType) === nameOf(other.periodType);

const different = (one: Profile, other: Profile): IncompatibleProfiles =>
  new IncompatibleProfiles(
    namesOf(one) === namesOf(other)
      ? `one profile took a sample per ${nameOf(one.periodType)}, the other per ${nameOf(other.periodType)}`
      : `one profile holds ${namesOf(one)}, the other ${namesOf(other)}`,
  );

/** Only the sample types that all have, in the order of the first. */
function withCommonTypes(profiles: readonly Profile[]): readonly Profile[] {
  const [first] = profiles;
  const types = (first?.sampleTypes ?? [])
    .map(({ type }) => type)
    .filter((type) => profiles.every(({ sampleTypes }) => sampleTypes.some((each) => each.type === type)));
  if (types.length === 0)
    throw new IncompatibleProfiles(
      `nothing was sampled that all profiles have: ${profiles.map((each) => namesOf(each)).join(', ')}`,
    );
  return profiles.map((profile) => {
    const columns = types.map((type) => profile.sampleTypes.findIndex((each) => each.type === type));
    const isWhole = columns.length === profile.sampleTypes.length && columns.every((column, index) => column === index);
    return isWhole ? profile : withColumns(profile, columns);
  });
}

function withColumns(profile: Profile, columns: readonly number[]): Profile {
  const { sampleTypes, samples, defaultSampleType } = profile;
  const values = new Float64Array(samples.count * columns.length);
  for (let index = 0; index < samples.count; index++)
    for (const [to, from] of columns.entries())
      values[index * columns.length + to] = samples.values[index * sampleTypes.length + from] ?? 0;
  return {
    ...profile,
    sampleTypes: columns.flatMap((column) => sampleTypes[column] ?? []),
    defaultSampleType: Math.max(0, columns.indexOf(defaultSampleType)),
    samples: { ...samples, values },
  };
}

/** Sum of the base's values over the sum of the own ones; 0 where there are none. */
function ratiosTo(base: Profile, own: Profile): readonly number[] {
  const wanted = sumsOf(base);
  return sumsOf(own).map((sum, column) => (sum === 0 ? 0 : (wanted[column] ?? 0) / sum));
}

function sumsOf({ sampleTypes, samples }: Profile): readonly number[] {
  return sampleTypes.map((_, column) => {
    let sum = 0;
    for (let at = column; at < samples.values.length; at += sampleTypes.length) sum += samples.values[at] ?? 0;
    return sum;
  });
}

/** Whole numbers again, a half away from 0. As in pprof a sample goes of which everything that was scaled is 0. */
function scale(profile: Profile, ratios: readonly number[]): Profile {
  if (ratios.every((ratio) => ratio === 1)) return profile;
  const { samples } = profile;
  const each = ratios.length;
  const values = samples.values.map((value, index) => {
    const ratio = ratios[index % each] ?? 1;
    return ratio === 1 ? value : Math.sign(value) * Math.sign(ratio) * Math.round(Math.abs(value * ratio)) + 0;
  });
  const isKept = (sample: number): boolean =>
    ratios.some((ratio, column) => ratio !== 1 && values[sample * each + column] !== 0);
  return changeStacks({ ...profile, samples: { ...samples, values } }, (stack, sample) =>
    isKept(sample) ? stack : null,
  );
}

const withLabel = (profile: Profile, label: ProfileLabel): Profile => ({
  ...profile,
  samples: {
    ...profile.samples,
    labels: profile.samples.labels.map((labels) => [...labels.filter(({ key }) => key !== label.key), label]),
  },
});
