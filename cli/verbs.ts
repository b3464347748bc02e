import { type AnyCommand, anyCommand } from './any-command.ts';
import type { Command } from './command.ts';

/** A verb as the list of verbs shows it; what it is made of is loaded only when it is asked for. */
export interface Verb {
  readonly name: string;
  /** Name and positionals: `run <scenario>`, `doctor [scenario]`. */
  readonly usage: string;
  readonly describe: string;
  /** `args`: what was typed, for a verb whose flags depend on the word after it. */
  readonly load: (args: readonly string[]) => Promise<AnyCommand>;
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
    'search [scenario]',
    'find the highest rate that meets the objectives, and certify it',
    async () => (await import('./commands/search.ts')).searchCommand,
  ),
  verb(
    'sweep [scenario]',
    'one run for each combination of settings: GOGC, GOMEMLIMIT, pool sizes, any flag or variable',
    async () => (await import('./commands/sweep.ts')).sweepCommand,
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
    'analyse a saved run or search again; the target is not needed',
    async () => (await import('./commands/analyze.ts')).analyzeCommand,
  ),
  verb(
    'report <run>',
    'a report of a saved run or search in any format',
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
  verb(
    'whatif <run>',
    'what a run says of a rate or a size that it did not measure, with intervals or the reason why not',
    async () => (await import('./commands/whatif.ts')).whatifCommand,
  ),
  verb(
    'compare [files..]',
    'same, better or worse, by how much, with what certainty: saved runs of two versions, or two files of numbers',
    async () => (await import('./commands/compare.ts')).compareCommand,
  ),
  verb(
    'gate [run..]',
    'judge finished runs by a policy: objectives, limits against a reference, evidence, waivers',
    async () => (await import('./commands/gate.ts')).gateCommand,
  ),
  {
    name: 'history',
    usage: 'history <what> [run..]',
    describe: 'nightly series: keep runs, list them, where they changed',
    load: async (args) => (await import('./commands/history.ts')).historyCommand(args),
  },
  {
    name: 'size',
    usage: 'size <what>',
    describe: 'how many: connections of a pool or a client, workers, replicas; from a run or from your own numbers',
    load: async (args) => (await import('./commands/size.ts')).sizeCommand(args),
  },
  {
    name: 'profile',
    usage: 'profile <what> [files..]',
    describe: 'pprof profiles without a Go toolchain: what costs most, what changed',
    load: async (args) => (await import('./commands/profile.ts')).profileCommand(args),
  },
  {
    name: 'signoff',
    usage: 'signoff <what> [files..]',
    describe: 'capacity sign-off: evidence of runs, judged, signed and with an end; verify it offline',
    load: async (args) => (await import('./commands/signoff.ts')).signOffCommand(args),
  },
];

function verb<Flags>(usage: string, describe: string, load: () => Promise<Command<Flags>>): Verb {
  return { name: usage.split(' ')[0] ?? usage, usage, describe, load: async () => anyCommand(await load()) };
}
