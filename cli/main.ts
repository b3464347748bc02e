import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { analyzeCommand } from './commands/analyze.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { planCommand } from './commands/plan.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import type { Command, CommandContext } from './command.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { InterruptWatch } from './interrupt-watch.ts';
import { presentFailure } from './present-failure.ts';
import { processTerminal } from './terminal.ts';
import { plimsollVersion } from './version.ts';

/*
 * The only file that ends the process and the only one that touches its streams:
 * parse flags → run one command → present a failure in one place → exit with the code of docs/exit-codes.md.
 */
const interrupts = new InterruptWatch();
let exitCode: ExitCode = exitCodes.done;

function register<Flags>(parser: Argv, command: Command<Flags>): Argv {
  return parser.command(
    command.usage,
    command.describe,
    (builder) => {
      const withFlags = command.flags(builder);
      for (const [example, what] of command.examples) withFlags.example(`plimsoll ${example}`, what);
      return withFlags;
    },
    async (flags) => {
      const terminal = processTerminal({
        color: flags['color'] !== false,
        quiet: flags['quiet'] === true,
        json: flags['json'] === true,
      });
      const seed = flags['seed'];
      const runs = flags['runs'];
      const context: CommandContext = {
        terminal,
        runsDirectory: typeof runs === 'string' ? runs : '.plimsoll/runs',
        seed: typeof seed === 'number' ? seed : null,
        interrupted: interrupts.signal,
        measuringInto: (runFolder) => interrupts.measuringInto(runFolder),
      };
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- yargs parsed them by these very options
      exitCode = await command.run(flags as unknown as Flags, context);
    },
  );
}

function fail(error: unknown): never {
  const { code, lines } = presentFailure(error);
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exit(code);
}

const verbs = ['demo', 'run', 'plan', 'doctor', 'analyze', 'report'];

function helpCommand(): string {
  const verb = hideBin(process.argv)[0] ?? '';
  return verbs.includes(verb) ? `plimsoll ${verb} --help` : `plimsoll --help`;
}

function misuse(message: string, parser: Argv): never {
  void parser;
  process.stderr.write(`plimsoll: ${message.replaceAll('\n', ' | ')} (see "${helpCommand()}")\n`);
  process.exit(exitCodes.misuse);
}

let parser: Argv = yargs(hideBin(process.argv))
  .scriptName('plimsoll')
  .usage('$0 VERB …: how much a Go service can take, what stops it, what to set')
  .version(plimsollVersion())
  .option('json', { type: 'boolean', describe: 'print one JSON document on standard output', global: true })
  .option('quiet', { type: 'boolean', describe: 'no progress', global: true })
  .option('color', {
    type: 'boolean',
    default: true,
    describe: 'colours on a terminal (--no-color, NO_COLOR)',
    global: true,
  })
  .option('runs', { type: 'string', default: '.plimsoll/runs', describe: 'folder of the run folders', global: true })
  .option('seed', { type: 'number', describe: 'seed of everything random', global: true })
  .demandCommand(1, `say what to do: ${verbs.join(', ')}`)
  .recommendCommands()
  .strict()
  .wrap(Math.min(120, process.stdout.columns ?? 100))
  .fail((message: string | undefined, error: unknown, instance) => {
    if (error instanceof Error && error.name !== 'YError') fail(error);
    misuse(message ?? (error instanceof Error ? error.message : 'bad flags'), instance);
  });
parser = register(parser, demoCommand);
parser = register(parser, runCommand);
parser = register(parser, planCommand);
parser = register(parser, doctorCommand);
parser = register(parser, analyzeCommand);
parser = register(parser, reportCommand);

// A pipe that closes early (`| head`) is the reader's choice, not a defect.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode);
  throw error;
});
process.on('unhandledRejection', fail);

try {
  await parser.parseAsync();
} catch (error) {
  fail(error);
}
// Not process.exit at once: what was written to a pipe has to arrive.
process.exitCode = interrupts.signal.aborted ? exitCodes.interrupted : exitCode;
