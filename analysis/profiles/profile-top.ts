import { type StackQuestion, askedStacks } from './asked-stacks.ts';
import { type ProfileBase, combineProfiles } from './combine-profiles.ts';
import type { FilteredStacks } from './filter-stacks.ts';
import type { Profile } from './profile.ts';
import { type FunctionCosts, type TopOptions, topFunctions } from './top-functions.ts';

export interface ProfileTopQuestion extends StackQuestion, Omit<TopOptions, 'sampleType'> {
  /** They are merged. */
  readonly profiles: readonly Profile[];
  readonly base: ProfileBase | null;
  readonly normalize: boolean;
}

export interface ProfileTop extends FunctionCosts {
  /** Filters that match no function and no file. */
  readonly unmatched: FilteredStacks['unmatched'];
}

/**
 * The figures of `go tool pprof -top`, in its order: merge, take off the base, leave what is asked for, sum up, trim, sort.
 *
 * @throws IncompatibleProfiles, UnknownSampleType
 */
export function profileTop(question: ProfileTopQuestion): ProfileTop {
  const combined = combineProfiles(question.profiles, question.base, question.normalize);
  const { profile, sampleType, totals, unmatched } = askedStacks(combined, question);
  return { ...topFunctions(profile, { ...question, sampleType }, totals), unmatched };
}
