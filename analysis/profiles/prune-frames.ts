import { InvalidRegexp, LinearRegexp } from './linear-regexp.ts';
import type { Profile } from './profile.ts';
import { changeStacks } from './change-stacks.ts';

/** The expressions come from the profile, not from the user. */
const stepsAllowed = 200_000_000;

/**
 * Leaves out what the profile itself calls uninteresting (`drop_frames`, `keep_frames`): of each stack, from the root on,
 * the first function that is to be dropped and all that it called; but never a stack as a whole. An expression that is
 * none changes nothing, as in pprof.
 */
export function pruneFrames(profile: Profile): Profile {
  if (profile.dropFrames === '') return profile;
  try {
    return prune(profile, whole(profile.dropFrames), profile.keepFrames === '' ? null : whole(profile.keepFrames));
  } catch (error) {
    if (!(error instanceof InvalidRegexp)) throw error;
    return profile;
  }
}

const whole = (expression: string): LinearRegexp => new LinearRegexp(`^(${expression})$`, stepsAllowed);

function prune(profile: Profile, drop: LinearRegexp, keep: LinearRegexp | null): Profile {
  const isDropped = profile.functions.map(({ name }) => {
    const bare = withoutArguments(name);
    return name !== '' && drop.matches(bare) && keep?.matches(bare) !== true;
  });
  // Of functions that are inlined at one place the outermost is the last.
  const lastDropped = profile.locations.map(({ lines }) => lines.findLastIndex((line) => isDropped[line.function]));
  const locations = profile.locations.map((location, index) => {
    const last = lastDropped[index] ?? -1;
    return last === -1 || last === location.lines.length - 1
      ? location
      : { ...location, lines: location.lines.slice(last + 1) };
  });
  return changeStacks({ ...profile, locations }, (stack) => {
    let foundUser = false;
    for (let at = stack.length - 1; at >= 0; at--) {
      const location = stack[at] ?? 0;
      const last = lastDropped[location] ?? -1;
      if (last === -1) foundUser = true;
      else if (foundUser)
        return stack.subarray(last === (profile.locations[location]?.lines.length ?? 0) - 1 ? at + 1 : at);
    }
    return stack;
  });
}

/** Names of C++ without the list of arguments. */
function withoutArguments(name: string): string {
  const bare = name.startsWith('.') ? name.slice(1) : name;
  for (const { 0: found, index } of bare.matchAll(/\(anonymous namespace\)|operator\(\)|\(/g))
    if (found === '(') return bare.slice(0, index);
  return bare;
}
