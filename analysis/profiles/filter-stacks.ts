import { changeStacks } from './change-stacks.ts';
import type { LinearRegexp } from './linear-regexp.ts';
import type { Profile, ProfileLine, ProfileLocation } from './profile.ts';

/** Each matches names and files of functions, and the files of programs; null: not asked for. */
export interface StackFilters {
  /** Only samples with a match on their stack. */
  readonly focus: LinearRegexp | null;
  /** No sample with a match on its stack. */
  readonly ignore: LinearRegexp | null;
  /** Functions that match are taken out of the stacks: their cost becomes that of their callers. */
  readonly hide: LinearRegexp | null;
  /** Functions that do not match are taken out of the stacks. */
  readonly show: LinearRegexp | null;
}

export interface FilteredStacks {
  readonly profile: Profile;
  /** Filters that match no function and no file. */
  readonly unmatched: readonly (keyof StackFilters)[];
}

/**
 * The profile as the filters of the same names of `go tool pprof` leave it. As there, a location (an address with all that
 * is inlined at it) is in focus or ignored as a whole, but hidden function by function.
 */
export function filterStacks(profile: Profile, filters: StackFilters): FilteredStacks {
  const names = (['focus', 'ignore', 'hide', 'show'] as const).filter((name) => filters[name] !== null);
  if (names.length === 0) return { profile, unmatched: [] };
  const matches = new Map(
    names.map((name) => {
      const expression = filters[name];
      return [name, expression === null ? undefined : new Matches(profile, expression)] as const;
    }),
  );
  const unmatched = names.filter((name) => !profile.locations.some((location) => matches.get(name)?.anyAt(location)));
  return { profile: leftBy(profile, matches), unmatched };
}

function leftBy(profile: Profile, matches: ReadonlyMap<keyof StackFilters, Matches | undefined>): Profile {
  const [inFocus, ignored, hidden, shown] = (['focus', 'ignore', 'hide', 'show'] as const).map((name) =>
    matches.get(name),
  );
  const isIgnored = profile.locations.map((location) => ignored?.anyAt(location) ?? false);
  const isInFocus = profile.locations.map((location) => inFocus?.anyAt(location) ?? true);
  const locations = profile.locations.map((location) => {
    const left = hidden === undefined ? location : withLines(location, hidden.others(location));
    return shown === undefined ? left : withLines(left, shown.those(left));
  });
  const isGone = locations.map(
    (location, index) =>
      location.lines.length === 0 &&
      (shown !== undefined || (hidden?.anyAt(profile.locations[index] ?? location) ?? false)),
  );
  return changeStacks({ ...profile, locations }, (stack) => {
    if (stack.some((location) => isIgnored[location])) return null;
    if (!stack.some((location) => isInFocus[location])) return null;
    const left = stack.filter((location) => isGone[location] !== true);
    return left.length === 0 ? null : left;
  });
}

const withLines = (location: ProfileLocation, lines: readonly ProfileLine[]): ProfileLocation =>
  lines === location.lines ? location : { ...location, lines };

/** Which functions and which programs of a profile match; each is tried once. */
class Matches {
  readonly #expression: LinearRegexp;
  readonly #functions: readonly boolean[];
  readonly #texts = new Map<string, boolean>();

  constructor({ functions }: Profile, expression: LinearRegexp) {
    this.#expression = expression;
    this.#functions = functions.map(({ name, file }) => this.#isMatch(name) || this.#isMatch(file));
  }

  #isMatch(text: string): boolean {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const found = this.#expression.matches(text);
    this.#texts.set(text, found);
    return found;
  }

  #isProgram({ mapping }: ProfileLocation): boolean {
    return mapping !== null && this.#isMatch(mapping.file);
  }

  anyAt(location: ProfileLocation): boolean {
    return location.lines.some((line) => this.#functions[line.function]) || this.#isProgram(location);
  }

  those(location: ProfileLocation): readonly ProfileLine[] {
    if (this.#isProgram(location)) return location.lines;
    return location.lines.filter((line) => this.#functions[line.function]);
  }

  others(location: ProfileLocation): readonly ProfileLine[] {
    if (!this.anyAt(location)) return location.lines;
    if (this.#isProgram(location)) return [];
    return location.lines.filter((line) => this.#functions[line.function] !== true);
  }
}
