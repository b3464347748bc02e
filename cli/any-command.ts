import type { Argv } from 'yargs';
import type { Command, CommandContext, Example } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import type { ParsedFlags } from './flag-faults.ts';

/** A command whose flags are known to itself only. */
export interface AnyCommand {
  readonly examples: readonly Example[];
  readonly flags: (yargs: Argv) => Argv;
  readonly run: (flags: ParsedFlags, context: CommandContext) => Promise<ExitCode>;
  readonly check: (flags: ParsedFlags, context: CommandContext) => Promise<unknown>;
}

/** The same command for those who need not know its flags. */
export function anyCommand<Flags>({ examples, flags, run, check }: Command<Flags>): AnyCommand {
  return {
    examples,
    flags,
    run: (parsed, context) => run(parsedBy(flags, parsed), context),
    check: async (parsed, context) => check?.(parsedBy(flags, parsed), context),
  };
}

/** The type that the definition of the flags gives to what was parsed by it. */
function parsedBy<Flags>(_: (yargs: Argv) => Argv<Flags>, parsed: ParsedFlags): Flags {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- yargs parsed them by these very options
  return parsed as unknown as Flags;
}
