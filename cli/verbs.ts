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

/** A verb as the list of verbs shows it; what it is made of is loaded only when it is asked for. */
export interface Verb {
  readonly name: string;
  /** Name and positionals: `run <scenario>`, `doctor [scenario]`. */
  readonly usage: string;
  readonly describe: string;
  readonly load: () => Promise<AnyCommand>;
}

export const verbs: readonly Verb[] = [
  verb(
    'demo',
    'the whole path on a bundled Go service with a PostgreSQL of its own',
    async () => (await import('./commands/demo.ts')).demoCommand,
  ),
  verb(
    'run <scenario>',
    'drive the stages against a service, record, analyse, report',
    async () => (await import('./commands/run.ts')).runCommand,
  ),
  verb(
    'plan <scenario>',
    'the resolved plan, no traffic: stages, arrivals, connections, run time, warnings',
    async () => (await import('./commands/plan.ts')).planCommand,
  ),
  verb(
    'doctor [scenario]',
    'what this machine and this target can give, and the lines of Go that would add the rest',
    async () => (await import('./commands/doctor.ts')).doctorCommand,
  ),
  verb(
    'analyze <run>',
    'analyse a saved run again; the target is not needed',
    async () => (await import('./commands/analyze.ts')).analyzeCommand,
  ),
  verb(
    'report <run>',
    'a report of a saved run in any format',
    async () => (await import('./commands/report.ts')).reportCommand,
  ),
  verb(
    'queue [what] [file]',
    'queueing calculators: one queue from flags, or a network of them from a file',
    async () => (await import('./commands/queue.ts')).queueCommand,
  ),
  verb(
    'fit <model> <data>',
    'scalability models on your own numbers: which law, its parameters, where the peak is',
    async () => (await import('./commands/fit.ts')).fitCommand,
  ),
];

function verb<Flags>(usage: string, describe: string, load: () => Promise<Command<Flags>>): Verb {
  return {
    name: usage.split(' ')[0] ?? usage,
    usage,
    describe,
    load: async () => {
      const { examples, flags, run, check } = await load();
      return {
        examples,
        flags,
        run: (parsed, context) => run(parsedBy(flags, parsed), context),
        check: async (parsed, context) => check?.(parsedBy(flags, parsed), context),
      };
    },
  };
}

/** The type that the definition of the flags gives to what was parsed by it. */
function parsedBy<Flags>(_: (yargs: Argv) => Argv<Flags>, parsed: ParsedFlags): Flags {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- yargs parsed them by these very options
  return parsed as unknown as Flags;
}
