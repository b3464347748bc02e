import { hideBin } from 'yargs/helpers';
import { systemCause } from '../model/system-cause.ts';
import { RunFailure } from '../runners/world.ts';
import { exitCodes } from './exit-codes.ts';
import { InterruptWatch } from './interrupt-watch.ts';
import { presentFailure } from './present-failure.ts';
import { runCommandLine } from './run-command-line.ts';
import { processTerminal } from './terminal.ts';

/*
 * The only file that ends the process and the only one that touches its streams:
 * run one command line → present a failure in one place → exit with the code of docs/exit-codes.md.
 */
const interrupts = new InterruptWatch();

function fail(error: unknown): never {
  const { code, lines } = presentFailure(error);
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(code);
}

async function main(): Promise<void> {
  const widest = 100;
  const exitCode = await runCommandLine(hideBin(process.argv), {
    width: Math.min(widest, process.stdout.columns ?? 80),
    terminal: processTerminal,
    interrupted: interrupts.signal,
    measuringInto: (runFolder) => interrupts.measuringInto(runFolder),
  });
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
