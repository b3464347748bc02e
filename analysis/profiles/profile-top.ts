import { type ProfileBase, combineProfiles } from './combine-profiles.ts';
import { type FilteredStacks, type StackFilters, filterStacks } from './filter-stacks.ts';
import type { Profile } from './profile.ts';
import { pruneFrames } from './prune-frames.ts';
import { simplifyFunctionNames } from './simplify-function-names.ts';
import { type FunctionCosts, type TopOptions, topFunctions, totalsOf } from './top-functions.ts';

export interface ProfileTopQuestion extends Omit<TopOptions, 'sampleType'> {
  /** They are merged. */
  readonly profiles: readonly Profile[];
  readonly base: ProfileBase | null;
  readonly normalize: boolean;
  /** A name or a number, as `sampleTypeIndex` takes it; null: what the profile names itself. */
  readonly sampleIndex: string | null;
  readonly filters: StackFilters;
  /** Function names as they are in the profile, not as pprof shows them. */
  readonly wholeNames: boolean;
}

export interface ProfileTop extends FunctionCosts {
  /** Filters that match no function and no file. */
  readonly unmatched: FilteredStacks['unmatched'];
}

/** Thrown where a profile has no such sample type. */
export class UnknownSampleType extends Error {
  readonly known: readonly string[];
  constructor(asked: string, known: readonly string[]) {
    super(`the profile has no sample type "${asked}"`);
    this.name = 'UnknownSampleType';
    this.known = known;
  }
}

/**
 * The figures of `go tool pprof -top`, in its order: merge, take off the base, names, frames that the profile drops, total,
 * filters, sum up, trim, sort.
 *
 * @throws IncompatibleProfiles, UnknownSampleType
 */
export function profileTop(question: ProfileTopQuestion): ProfileTop {
  const { profiles, base, normalize, sampleIndex, filters, wholeNames } = question;
  const combined = combineProfiles(profiles, base, normalize);
  const named = wholeNames ? combined : simplifyFunctionNames(combined);
  const pruned = pruneFrames(named);
  const sampleType = sampleTypeIndex(pruned, sampleIndex);
  const totals = totalsOf(pruned, sampleType);
  const { profile, unmatched } = filterStacks(pruned, filters);
  return { ...topFunctions(profile, { ...question, sampleType }, totals), unmatched };
}

/** `inuse_space` is also found as `space`, as older profiles have it. */
function sampleTypeIndex({ sampleTypes, defaultSampleType }: Profile, asked: string | null): number {
  if (asked === null || asked === '') return defaultSampleType;
  const names = sampleTypes.map(({ type }) => type);
  const index = /^[+-]?\d+$/.test(asked)
    ? Number(asked)
    : names.findIndex((name) => name === asked || name === asked.replace(/^inuse_/, ''));
  if (index < 0 || index >= names.length) throw new UnknownSampleType(asked, names);
  return index;
}
