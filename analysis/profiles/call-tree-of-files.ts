import type { CallTree } from '../analysis.ts';
import { type StackQuestion, askedStacks } from './asked-stacks.ts';
import { GrowingCallTree } from './call-tree.ts';
import { combineProfiles } from './combine-profiles.ts';
import type { FilteredStacks } from './filter-stacks.ts';
import type { Profile } from './profile.ts';
import { pruneCallTree } from './prune-call-tree.ts';

export interface CallTreeOfFiles {
  readonly tree: CallTree;
  /** Name of the sample type that was asked for. */
  readonly sampleType: string;
  /** Whether the values are numbers of samples of one size, as those of a CPU profile are. */
  readonly isSampled: boolean;
  readonly unmatched: FilteredStacks['unmatched'];
}

/** So that a page stays well below 300 kB: a figure takes about five letters, and names as much again. */
const mostFigures = 30_000;

/**
 * Profiles as a tree of calls: those of each group merged as one profile of the tree.
 *
 * @param groups with a label each; what is shown of the last is shown of all
 * @throws IncompatibleProfiles where profiles of one group or those of two hold different things, UnknownSampleType
 */
export function callTreeOfFiles(
  groups: readonly { readonly label: string; readonly profiles: readonly Profile[] }[],
  question: StackQuestion,
): CallTreeOfFiles {
  const merged = groups.map(({ profiles }) => combineProfiles(profiles, null));
  // Refuses those that have nothing in common.
  combineProfiles(merged.map(withoutStacks), null);
  const last = merged.at(-1);
  if (last === undefined) throw new RangeError('a tree needs a profile');
  const shown = askedStacks(last, question);
  const { type = '', unit = '' } = shown.profile.sampleTypes[shown.sampleType] ?? {};
  const others = merged.slice(0, -1).map((profile) => askedStacks(profile, { ...question, sampleIndex: type }));
  const asked = [...others, shown];
  const growing = new GrowingCallTree();
  for (const { profile, sampleType } of asked) growing.add(profile, sampleType);
  const bare = pruneCallTree(growing.finish(null), mostFigures);
  const isFiltered = Object.values(question.filters).some((filter) => filter !== null);
  return {
    tree: {
      kind: type,
      unit,
      ...bare,
      profiles: asked.map(({ profile }, index) => ({
        stage: null,
        label: groups[index]?.label ?? '',
        cumulative: bare.profiles[index]?.cumulative ?? [],
        negative: bare.profiles[index]?.negative ?? 0,
        samples: cpuSamples(profile),
        durationMs: profile.durationMs > 0 ? profile.durationMs : null,
        requests: null,
        note: isFiltered ? 'stacks that do not match were left out, and shares are of those that do' : null,
      })),
    },
    sampleType: type,
    isSampled: cpuSamples(shown.profile) !== null,
    unmatched: asked
      .map(({ unmatched }) => unmatched)
      .reduce((all, unmatched) => all.filter((name) => unmatched.includes(name))),
  };
}

const withoutStacks = (profile: Profile): Profile => ({
  ...profile,
  functions: [],
  locations: [],
  samples: { ...profile.samples, count: 0 },
});

/** Of other profiles the runtime scales its counts up. */
function cpuSamples({ sampleTypes, samples }: Profile): number | null {
  const counted = sampleTypes.findIndex(({ type, unit }) => type === 'samples' && unit === 'count');
  if (counted === -1 || !sampleTypes.some(({ type }) => type === 'cpu')) return null;
  let sum = 0;
  for (let at = counted; at < samples.values.length; at += sampleTypes.length) sum += samples.values[at] ?? 0;
  return sum;
}
