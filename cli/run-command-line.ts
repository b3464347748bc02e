import { type Misuse, MisuseError } from '../scenarios/misuse.ts';
import type { CommandContext } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import { type ParsedArguments, parseArguments } from './parse-arguments.ts';
import type { Terminal } from './terminal.ts';

/** What a command line meets that is not written in it. */
export interface Surroundings extends Pick<CommandContext, 'interrupted' | 'measuringInto'> {
  /** Columns that help is written for. */
  readonly width: number;
  readonly terminal: (options: { color: boolean; quiet: boolean; json: boolean }) => Terminal;
}

/**
 * One command line from what was typed to the exit code. Help and version it prints, and they end the process.
 *
 * @throws MisuseError with everything that is wrong with it; and what the command throws: see `presentFailure`
 */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const parsed = await parseArguments(args, surroundings.width);
  const { command, flags, faults } = parsed;
  const context = contextOf(flags, surroundings);
  if (command === null || faults.length > 0)
    throw new MisuseError([...faults, ...(await furtherFaults(parsed, context))]);
  return await command.run(flags, context);
}

function contextOf(
  { color, quiet, json, seed, runs }: ParsedArguments['flags'],
  { terminal, interrupted, measuringInto }: Surroundings,
): CommandContext {
  return {
    terminal: terminal({ color: color !== false, quiet: quiet === true, json: json === true }),
    runsDirectory: typeof runs === 'string' ? runs : '.plimsoll/runs',
    seed: typeof seed === 'number' ? seed : null,
    interrupted,
    measuringInto,
  };
}

/** Where flags are wrong, also what is wrong besides: everything is said at once. */
async function furtherFaults(
  { command, flags, faults, complete }: ParsedArguments,
  context: CommandContext,
): Promise<readonly Misuse[]> {
  // A flag that is missing only because it was written wrongly was named already.
  const isNew = ({ where }: Misuse): boolean =>
    !faults.some(
      (fault) =>
        fault.where === where ||
        (fault.hint === `did you mean ${where}?` && flags[where.replace('--', '')] === undefined),
    );
  if (command === null || !complete) return [];
  try {
    await command.check(flags, context);
  } catch (error) {
    if (error instanceof MisuseError) return error.reasons.filter(isNew);
  }
  return [];
}
