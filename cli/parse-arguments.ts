import yargs, { type Argv } from 'yargs';
import type { Misuse } from '../scenarios/misuse.ts';
import { nearestName } from '../scenarios/nearest-name.ts';
import { examplesText } from './examples-text.ts';
import { type KnownFlags, type ParsedFlags, flagFaults } from './flag-faults.ts';
import type { AnyCommand } from './any-command.ts';
import { type Verb, verbs } from './verbs.ts';
import { plimsollVersion } from './version.ts';

export interface ParsedArguments {
  /** Null where no verb is known. */
  readonly command: AnyCommand | null;
  readonly flags: ParsedFlags;
  readonly faults: readonly Misuse[];
  /** Whether every positional is there, so that what else is wrong can be looked for. */
  readonly complete: boolean;
}

/**
 * What was typed, with everything that is wrong with its form. For help and version it prints them and ends the process.
 * `width`: columns of the terminal.
 */
export async function parseArguments(args: readonly string[], width: number): Promise<ParsedArguments> {
  // Only these can be meant: the others need not be loaded to be listed.
  const named = verbs.filter(({ name }) => args.includes(name));
  const commands = new Map(await Promise.all(named.map(async (verb) => [verb.name, await verb.load(args)] as const)));
  let parser = withGlobalFlags(yargs([...args])).wrap(width);
  let known = knownFlags(parser);
  for (const { name, usage, describe } of verbs)
    parser = parser.command(usage, describe, (builder) => {
      const command = commands.get(name);
      if (command === undefined) return builder;
      const complete = command.flags(builder).epilogue(examplesText(command.examples, width));
      known = knownFlags(complete);
      return complete;
    });
  const parsed: ParsedFlags = await parser.parseAsync();
  const words = Array.isArray(parsed['_']) ? parsed['_'].map(String) : [];
  const verb = verbs.find(({ name }) => name === words[0]) ?? null;
  const { faults, flags } = flagFaults(
    args,
    parsed,
    known,
    `see "plimsoll ${verb === null ? '' : `${verb.name} `}--help"`,
  );
  const command = verb === null ? null : (commands.get(verb.name) ?? null);
  if (verb === null || command === null)
    return { command: null, flags, faults: [verbFault(words[0] ?? null), ...faults], complete: false };
  const missing = positionals(verb).filter((name) => flags[name] === undefined);
  return {
    command,
    flags,
    faults: [...missing.map((name) => missingFault(verb, name, command)), ...words.slice(1).map(surplus), ...faults],
    complete: missing.length === 0,
  };
}

function withGlobalFlags(parser: Argv): Argv {
  return (
    parser
      .scriptName('plimsoll')
      // Messages and help are in one language, whatever the machine's is.
      .locale('en')
      .usage('$0 VERB …: how much a Go service can take, what stops it, what to set')
      .epilogue('plimsoll VERB --help shows the flags of a verb, with examples.')
      .version(plimsollVersion())
      .alias('help', 'h')
      // A list takes one value each time: `--metrics URL FILE` has a positional.
      .parserConfiguration({ 'greedy-arrays': false })
      .option('json', { type: 'boolean', describe: 'print one JSON document on standard output', global: true })
      .option('quiet', { type: 'boolean', describe: 'no progress', global: true })
      .option('color', {
        type: 'boolean',
        default: true,
        describe: 'colours on a terminal (--no-color, NO_COLOR)',
        global: true,
      })
      .option('runs', {
        type: 'string',
        default: '.plimsoll/runs',
        describe: 'folder of the run folders',
        global: true,
      })
      .option('seed', { type: 'number', describe: 'seed of everything random', global: true })
      // What yargs has against flags comes one at a time, so it is found again, all at once, in flagFaults.
      .fail((_, error) => {
        if (error instanceof Error && error.name !== 'YError') throw error;
      })
  );
}

/** To be called where a verb's flags have just been added: yargs forgets them when it is done with the verb. */
function knownFlags(parser: Argv): KnownFlags {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is there; only its types leave it out
  return (parser as Argv & { getOptions(): KnownFlags }).getOptions();
}

/** Of `run <scenario>` the one that has to be given. */
const positionals = ({ usage }: Verb): readonly string[] =>
  [...usage.matchAll(/<(\w+)>/g)].map(([, name = '']) => name);

function verbFault(written: string | null): Misuse {
  const names = verbs.map(({ name }) => name);
  const all = `the verbs are ${names.join(', ')}; see "plimsoll --help"`;
  if (written === null) return { where: '', message: 'no verb is given', hint: all };
  if (/^https?:\/\//i.test(written))
    return { where: '', message: `"${written}" is no verb`, hint: `write plimsoll run ${written} --rate 200` };
  const near = nearestName(written, names);
  return { where: '', message: `"${written}" is no verb`, hint: near === null ? all : `did you mean ${near}?` };
}

const missingFault = ({ name, usage }: Verb, positional: string, { examples: [example] }: AnyCommand): Misuse => ({
  where: '',
  message: `${name} needs <${positional}>`,
  hint: `write plimsoll ${example === undefined ? usage : example[0]}`,
});

const surplus = (word: string): Misuse => ({
  where: '',
  message: `"${word}" is one argument too many`,
  hint: 'quote a value with spaces in it',
});
