import type { Profile } from './profile.ts';

/**
 * Names as `go tool pprof` shows them unless it is given `-symbolize=none`: it takes Go's generic functions for C++ and
 * drops what stands between brackets, `main.(*shop).names.mapped[...].func1` becomes `main..names.mapped[...].func1`.
 * Names that C++ or Rust mangled stay as they are, which pprof would decode.
 */
export function simplifyFunctionNames(profile: Profile): Profile {
  return {
    ...profile,
    functions: profile.functions.map((each) =>
      each.name !== '' && each.name !== each.systemName ? each : { ...each, name: simplified(each.systemName) },
    ),
  };
}

function simplified(name: string): string {
  if (!looksLikeCpp(name)) return name;
  return withoutBrackets(withoutBrackets(name, '(', ')'), '<', '>');
}

const looksLikeCpp = (name: string): boolean =>
  !name.includes('.<') && !name.includes(']).') && (/[<>[\]]/.test(name) || name.includes('::'));

/** From a bracket on that has no partner everything stays, as in pprof. */
function withoutBrackets(name: string, open: string, close: string): string {
  let kept = '';
  let depth = 0;
  let start = 0;
  for (let at = 0; at < name.length; at++) {
    const character = name.charAt(at);
    if (character === open) {
      if (depth === 0) start = at;
      depth++;
    } else if (character === close) {
      if (depth === 0) return kept + name.slice(at);
      depth--;
    } else if (depth === 0) kept += character;
  }
  return depth === 0 ? kept : kept + name.slice(start);
}
