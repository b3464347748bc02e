import type { Reasons } from '../scenarios/reasons.ts';

/** Positionals of a sub-verb that takes none, where its siblings do: not in its help, and refused. */
export const noWords = { type: 'string', array: true, hidden: true } as const;

/** Says of each such word that it is one too many. */
export function refuseWords(verb: string, words: readonly string[] | undefined, reasons: Reasons): void {
  for (const word of words ?? []) reasons.add(verb, `"${word}" is one argument too many`, 'leave it out');
}
