import type { Profile, ProfileLocation } from './profile.ts';

/** What stands on the stacks, as functions by name. */
export interface Frames {
  readonly names: readonly string[];
  /** For each location the functions at it, innermost first. */
  readonly framesOf: readonly (readonly number[])[];
}

/** Functions by name; without one they are told apart by their program and first line. */
export function framesByName({ functions, locations }: Profile): Frames {
  const names: string[] = [];
  const indexOf = new Map<string, number>();
  const add = (key: string, name: string): number => {
    const known = indexOf.get(key);
    if (known !== undefined) return known;
    indexOf.set(key, names.length);
    return names.push(name) - 1;
  };
  const byFunction = functions.map(({ name }) => (name === '' ? -1 : add(name, name)));
  const nameless = (location: ProfileLocation, startLine: number): number =>
    add(`\0${startLine} ${location.mapping?.file ?? ''}`, nameWithoutSymbols(location));
  const framesOf = locations.map((location) =>
    location.lines.length === 0
      ? [nameless(location, 0)]
      : location.lines.map((line) => {
          const node = byFunction[line.function] ?? -1;
          return node === -1 ? nameless(location, functions[line.function]?.startLine ?? 0) : node;
        }),
  );
  return { names, framesOf };
}

const nameWithoutSymbols = ({ mapping }: ProfileLocation): string =>
  mapping === null || mapping.file === '' ? '<unknown>' : `[${mapping.file.slice(mapping.file.lastIndexOf('/') + 1)}]`;
