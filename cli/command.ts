import type { Argv } from 'yargs';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What main gives every command beside its flags. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly runsDirectory: string;
  readonly seed: number | null;
  /** Aborted at the first Ctrl-C or SIGTERM: stop cleanly and keep what was measured. */
  readonly interrupted: AbortSignal;
  /** Tells where measurements go now (null: nowhere), for the message of the second Ctrl-C. */
  readonly measuringInto: (runFolder: string | null) => void;
}

/** One verb; its name and its line in the list of verbs are in verbs.ts. */
export interface Command<Flags> {
  readonly examples: readonly Example[];
  /** Names with dashes (`think-time`), as they are typed. */
  readonly flags: (yargs: Argv) => Argv<Flags>;
  /** Gets the parsed flags and says with which code to exit; throws for the rest. */
  readonly run: (flags: Flags, context: CommandContext) => Promise<ExitCode>;
  /**
   * Where flags are wrong and nothing will be run: what else is wrong, so that all of it is said at once.
   * @throws MisuseError
   */
  readonly check?: (flags: Flags, context: CommandContext) => Promise<unknown>;
}

export type Example = readonly [command: string, what: string];
