import { misuse } from '../scenarios/misuse.ts';
import { nearestName } from '../scenarios/nearest-name.ts';
import type { AnyCommand } from './any-command.ts';
import type { Example } from './command.ts';

/** What stands behind a verb, such as `pool` behind `size`; loaded only when it is asked for. */
export interface SubVerb {
  readonly describe: string;
  readonly example: Example;
  readonly load: () => Promise<AnyCommand>;
}

/**
 * The command of the sub-verb that the arguments name; its flags are its own, so each has its own help.
 *
 * @param refusal what is said of a word that is none, such as `is nothing that can be sized`
 */
export async function subVerbCommand(
  verb: string,
  subVerbs: Readonly<Record<string, SubVerb>>,
  refusal: string,
  args: readonly string[],
): Promise<AnyCommand> {
  const names = Object.keys(subVerbs);
  const words = args.slice(args.indexOf(verb) + 1).filter((word) => !word.startsWith('-'));
  const asked = words.find((word) => names.includes(word)) ?? words[0] ?? null;
  const list = names.map((name) => `${name}: ${subVerbs[name]?.describe ?? ''}`).join('; ');
  const near = asked === null || names.includes(asked) ? asked : nearestName(asked, names);
  // Of a name that is nearly right the flags are looked at too: all that is wrong is said at once.
  const known = near === null ? null : ((await subVerbs[near]?.load()) ?? null);
  const refuse = async (): Promise<never> => {
    throw misuse(
      verb,
      `"${asked ?? ''}" ${refusal}`,
      near === null ? `one of ${names.join(', ')}` : `did you mean ${near}?`,
    );
  };
  const right = known !== null && near === asked;
  return {
    examples: known?.examples ?? Object.values(subVerbs).map(({ example }) => example),
    flags: (yargs) =>
      (known?.flags(yargs) ?? yargs).positional('what', { type: 'string', demandOption: true, describe: list }),
    run: right ? known.run : refuse,
    check: right ? known.check : refuse,
  };
}
