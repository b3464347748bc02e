import type { Misuse } from '../scenarios/misuse.ts';
import { nearestName } from '../scenarios/nearest-name.ts';

/** What yargs made of the arguments, by flag and positional in both spellings; `_` holds the rest. */
export type ParsedFlags = Readonly<Record<string, unknown>>;

/** What flags there are: the part of yargs' own account of its options that is looked at here. */
export interface KnownFlags {
  /** Its keys are the names. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly boolean: readonly string[];
  readonly number: readonly string[];
  readonly array: readonly string[];
  readonly choices: Readonly<Record<string, readonly string[]>>;
  readonly default: Readonly<Record<string, unknown>>;
}

export interface CheckedFlags {
  readonly faults: readonly Misuse[];
  /** With something harmless in place of what is wrong, so that the rest can be looked at in the same go. */
  readonly flags: ParsedFlags;
}

/**
 * Everything that is wrong with the flags, at once; yargs alone would stop at the first. `see` says where help is.
 */
export function flagFaults(args: readonly string[], parsed: ParsedFlags, known: KnownFlags, see: string): CheckedFlags {
  const faults: Misuse[] = [];
  const names = Object.keys(known.key);
  const replaced = new Map<string, unknown>();
  const refuse = (name: string, message: string, hint: string): void => {
    faults.push({ where: `--${name}`, message, hint });
    replaced.set(name, known.number.includes(name) ? 1 : known.default[name]);
  };
  const written = flagsIn(args);
  for (const [name, given] of Map.groupBy(written, ({ name: text }) => nameOf(text, known))) {
    const [first] = given;
    if (name === null || first === undefined) continue;
    if (!known.boolean.includes(name) && given.some(({ hasValue }) => !hasValue))
      refuse(name, 'the value is missing', `write --${name} VALUE, or --${name}=VALUE where it begins with a dash`);
    else if (given.length > 1 && !known.array.includes(name))
      refuse(name, `is given ${given.length} times`, 'write it once');
  }
  for (const { name, sign } of written) {
    if (nameOf(name, known) !== null && sign === '--') continue;
    const near = nearestName(name, names);
    faults.push({
      where: `${sign}${name}`,
      message: 'there is no such flag',
      hint: near === null ? see : `did you mean --${near}?`,
    });
  }
  for (const name of names) {
    if (replaced.has(name) || parsed[name] === undefined) continue;
    const value = parsed[name];
    const text = typeof value === 'string' ? value : '';
    const choices = known.choices[name];
    if (known.number.includes(name) && Number.isNaN(value)) {
      const last = args[args.lastIndexOf(`--${name}`) + 1];
      refuse(name, `${last === undefined ? 'that' : `"${last}"`} is not a number`, `write --${name} 20`);
    } else if (choices !== undefined && !choices.includes(text)) {
      const near = nearestName(text, choices);
      const all = `one of ${choices.join(', ')}`;
      refuse(name, `"${text}" is not ${all}`, near === null ? `write ${all}` : `did you mean ${near}?`);
    }
  }
  const flags = Object.fromEntries(
    Object.entries(parsed).map(([key, value]) => {
      const name = nameOf(key, known);
      return [key, name !== null && replaced.has(name) ? replaced.get(name) : value];
    }),
  );
  return { faults, flags };
}

interface WrittenFlag {
  readonly sign: '--' | '-';
  readonly name: string;
  readonly hasValue: boolean;
}

/** The flags as they were typed, up to a lone `--`. */
function flagsIn(args: readonly string[]): readonly WrittenFlag[] {
  const end = args.indexOf('--');
  const before = end === -1 ? args : args.slice(0, end);
  return before.flatMap((text, index): WrittenFlag[] => {
    const [, sign, name, value] = /^(--|-)([^=\d.\s][^=\s]*)(=.*)?$/s.exec(text) ?? [];
    if (name === undefined) return [];
    const next = before[index + 1];
    const hasValue = value !== undefined || (next !== undefined && !/^-(?:-|[^\d.\s])/.test(next));
    return [{ sign: sign === '--' ? '--' : '-', name, hasValue }];
  });
}

/** The flag that is meant: `thinkTime` and `think-time` are one, and `no-` turns off what can be on; null: none. */
function nameOf(written: string, { key, boolean }: KnownFlags): string | null {
  const dashed = written.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  for (const name of [written, dashed]) {
    if (Object.hasOwn(key, name)) return name;
    const positive = name.replace(/^no-/, '');
    if (boolean.includes(positive)) return positive;
  }
  return null;
}
