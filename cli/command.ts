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

/** One verb. `run` gets the parsed flags and says with which code to exit; it throws for the rest. */
export interface Command<Flags> {
  readonly usage: string;
  readonly describe: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly flags: (yargs: Argv) => Argv<Flags>;
  readonly run: (flags: Flags, context: CommandContext) => Promise<ExitCode>;
}
