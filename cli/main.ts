import { hideBin } from 'yargs/helpers';
import { systemCause } from '../model/system-cause.ts';
import { RunFailure } from '../runners/world.ts';
import { type Misuse, MisuseError } from '../scenarios/misuse.ts';
import type { CommandContext } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { InterruptWatch } from './interrupt-watch.ts';
import { type ParsedArguments, parseArguments } from './parse-arguments.ts';
import { presentFailure } from './present-failure.ts';
import { processTerminal } from './terminal.ts';

/*
 * The only file that ends the process and the only one that touches its streams:
 * parse arguments → run one command → present a failure in one place → exit with the code of docs/exit-codes.md.
 */
const interrupts = new InterruptWatch();

function fail(error: unknown): never {
  const { code, lines } = presentFailure(error);
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(code);
}

function contextOf(flags: ParsedArguments['flags']): CommandContext {
  const { color, quiet, json, seed, runs } = flags;
  return {
    terminal: processTerminal({ color: color !== false, quiet: quiet === true, json: json === true }),
    runsDirectory: typeof runs === 'string' ? runs : '.plimsoll/runs',
    seed: typeof seed === 'number' ? seed : null,
    interrupted: interrupts.signal,
    measuringInto: (runFolder) => interrupts.measuringInto(runFolder),
  };
}

/** Where flags are wrong, also what is wrong besides: everything is said at once. */
async function furtherFaults({ command, flags, faults, complete }: ParsedArguments): Promise<readonly Misuse[]> {
  // A flag that is missing only because it was written wrongly was named already.
  const isNew = ({ where }: Misuse): boolean =>
    !faults.some(
      (fault) =>
        fault.where === where ||
        (fault.hint === `did you mean ${where}?` && flags[where.replace('--', '')] === undefined),
    );
  if (command === null || !complete) return [];
  try {
    await command.check(flags, contextOf(flags));
  } catch (error) {
    if (error instanceof MisuseError) return error.reasons.filter(isNew);
  }
  return [];
}

async function main(): Promise<void> {
  const widest = 100;
  const parsed = await parseArguments(hideBin(process.argv), Math.min(widest, process.stdout.columns ?? 80));
  const { command, flags, faults } = parsed;
  if (command === null || faults.length > 0) throw new MisuseError([...faults, ...(await furtherFaults(parsed))]);
  const exitCode = await command.run(flags, contextOf(flags));
  // Not process.exit at once: what was written to a pipe has to arrive.
  process.exitCode = interrupts.signal.aborted ? exitCodes.interrupted : exitCode;
}

// A reader that goes away early (`| head`) is the user's choice: the work is finished, and the exit code says how it went.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
  const { code, lines } = presentFailure(
    new RunFailure('store', `standard output could not be written: ${systemCause(error)}`, 'write to another place'),
  );
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.once('exit', () => (process.exitCode = code));
});
// Progress that nobody can read ends nothing.
process.stderr.on('error', () => undefined);
process.on('unhandledRejection', fail);

await main().catch(fail);
