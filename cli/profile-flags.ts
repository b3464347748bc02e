import type { Options } from 'yargs';
import { type StackQuestion, UnknownSampleType } from '../analysis/profiles/asked-stacks.ts';
import { IncompatibleProfiles } from '../analysis/profiles/combine-profiles.ts';
import { InvalidRegexp, LinearRegexp } from '../analysis/profiles/linear-regexp.ts';
import { type ProfileTop, profileTop } from '../analysis/profiles/profile-top.ts';
import type { Profile } from '../analysis/profiles/profile.ts';
import type { ProfileKind } from '../model/plan.ts';
import { UnitError } from '../model/units.ts';
import type { Reasons } from '../scenarios/reasons.ts';
import { parseCount } from './parse-count.ts';
import { isProfileUnit } from './profile-top-text.ts';
import type { FlagValues } from './with-flags.ts';

const profileKinds = ['cpu', 'heap', 'allocs', 'goroutine', 'mutex', 'block'] as const satisfies readonly ProfileKind[];

/** By the names of `go tool pprof`, with dashes. */
export const profileFlags = {
  'sample-index': {
    type: 'string',
    describe: 'value to add up: its name (inuse_space) or number; unasked the main one',
  },
  sort: {
    choices: ['flat', 'cum'] as const,
    default: 'flat' as const,
    describe: 'by own cost, or with all that was called',
  },
  nodecount: { type: 'string', default: '0', describe: 'show at most so many functions (0: all)' },
  nodefraction: { type: 'string', default: '0.005', describe: 'leave out functions below this share of the sum' },
  focus: { type: 'string', describe: 'only samples with a function or file on their stack that matches (Go regexp)' },
  ignore: { type: 'string', describe: 'no samples with a function or file on their stack that matches' },
  hide: { type: 'string', describe: 'take functions that match out of the stacks' },
  show: { type: 'string', describe: 'take functions that do not match out of the stacks' },
  normalize: { type: 'boolean', default: false, describe: 'scale the profile to the sum of the base' },
  unit: {
    type: 'string',
    default: 'minimum',
    describe: 'of the table: ns, us, ms, s, B, kB, MB, …, auto; JSON has the own one',
  },
  symbolize: {
    choices: ['default', 'none'] as const,
    default: 'default' as const,
    describe: 'none: names as they are in the profile, not shortened as go tool pprof does',
  },
  stage: { type: 'string', describe: 'number of the stage of a run' },
  kind: { choices: profileKinds, describe: 'kind of profile of a run' },
} as const satisfies Record<string, Options>;

/** What was asked of profiles, and what came out. */
export interface ProfileQuestion {
  readonly names: readonly string[];
  readonly base: string | null;
  readonly isDiffBase: boolean;
  readonly unit: string;
  readonly nodeFraction: number;
  readonly top: ProfileTop;
}

export interface NamedProfiles {
  readonly names: readonly string[];
  readonly profiles: readonly Profile[];
  readonly base: string | null;
  readonly bases: readonly Profile[];
  readonly isDiffBase: boolean;
}

/** The answer to what the flags ask; null where reasons were found against it. */
export function questionFrom(
  flags: FlagValues<typeof profileFlags>,
  { names, profiles, base, bases, isDiffBase }: NamedProfiles,
  reasons: Reasons,
): ProfileQuestion | null {
  const nodeCount = reasons.collect('--nodecount', 0, () => parseCount(flags.nodecount, 0));
  const nodeFraction = reasons.collect('--nodefraction', 0, () => fraction(flags.nodefraction));
  const question = stackQuestionFrom(flags, reasons);
  if (!isProfileUnit(flags.unit))
    reasons.add('--unit', `"${flags.unit}" is no unit`, 'one of ns, us, ms, s, B, kB, MB, GB, auto, minimum');
  if (reasons.list.length > 0) return null;
  try {
    const top = profileTop({
      profiles,
      base: base === null ? null : { profiles: bases, isDiffBase },
      normalize: flags.normalize,
      ...question,
      sort: flags.sort,
      nodeCount,
      nodeFraction,
    });
    return { names, base, isDiffBase, unit: flags.unit, nodeFraction, top };
  } catch (error) {
    noteRefusal(
      error,
      [...names, base ?? ''].filter((name) => name !== ''),
      reasons,
    );
    return null;
  }
}

/** What profiles themselves do not allow becomes a reason. */
export function noteRefusal(error: unknown, names: readonly string[], reasons: Reasons): void {
  if (error instanceof UnknownSampleType)
    reasons.add('--sample-index', error.message, `one of ${error.known.join(', ')}`);
  else if (error instanceof IncompatibleProfiles)
    reasons.add(names.join(', '), error.message, 'give profiles of one kind');
  else throw error;
}

/** Which stacks and values the flags ask for. */
export function stackQuestionFrom(
  flags: FlagValues<Pick<typeof profileFlags, 'sample-index' | 'focus' | 'ignore' | 'hide' | 'show' | 'symbolize'>>,
  reasons: Reasons,
): StackQuestion {
  const filter = (where: string, source: string | undefined): LinearRegexp | null =>
    source === undefined || source === '' ? null : expression(where, source, reasons);
  return {
    sampleIndex: flags.sampleIndex ?? null,
    filters: {
      focus: filter('--focus', flags.focus),
      ignore: filter('--ignore', flags.ignore),
      hide: filter('--hide', flags.hide),
      show: filter('--show', flags.show),
    },
    wholeNames: flags.symbolize === 'none',
  };
}

function expression(where: string, source: string, reasons: Reasons): LinearRegexp | null {
  try {
    return new LinearRegexp(source);
  } catch (error) {
    if (!(error instanceof InvalidRegexp)) throw error;
    reasons.add(where, error.message, 'Go reads it as an RE2 expression, such as encoding/json|^main\\.');
    return null;
  }
}

function fraction(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= 1))
    throw new UnitError(`"${text}" is not a share from 0 to 1`, 'write one such as 0.005, or 0 for all');
  return value;
}
