import { type FilteredStacks, type StackFilters, filterStacks } from './filter-stacks.ts';
import type { Profile } from './profile.ts';
import { pruneFrames } from './prune-frames.ts';
import { simplifyFunctionNames } from './simplify-function-names.ts';
import { type FunctionCosts, totalsOf } from './top-functions.ts';

/** Which stacks of a profile are asked for, and which of their values. */
export interface StackQuestion {
  /** A name or a number, as `go tool pprof` takes it; null: what the profile names itself. */
  readonly sampleIndex: string | null;
  readonly filters: StackFilters;
  /** Function names as they are in the profile, not as pprof shows them. */
  readonly wholeNames: boolean;
}

export interface AskedStacks extends FilteredStacks {
  readonly sampleType: number;
  /** Before filters. */
  readonly totals: Pick<FunctionCosts, 'total' | 'sum'>;
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
 * What `go tool pprof` leaves of a profile before it adds up, in its order: names, frames that the profile drops, total,
 * filters.
 *
 * @throws UnknownSampleType
 */
export function askedStacks(profile: Profile, { sampleIndex, filters, wholeNames }: StackQuestion): AskedStacks {
  const pruned = pruneFrames(wholeNames ? profile : simplifyFunctionNames(profile));
  const sampleType = sampleTypeIndex(pruned, sampleIndex);
  return { ...filterStacks(pruned, filters), sampleType, totals: totalsOf(pruned, sampleType) };
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
