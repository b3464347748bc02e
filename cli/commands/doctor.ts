import type { PprofPlan } from '../../model/plan.ts';
import { probePostgres } from '../../runners/collectors/probe-postgres.ts';
import type { TargetProbe } from '../../runners/collectors/probe-target.ts';
import { probeTarget } from '../../runners/collectors/probe-target.ts';
import { referredVariable } from '../../runners/store/secrets.ts';
import { realWorld } from '../../runners/world.ts';
import { misuse } from '../../scenarios/misuse.ts';
import type { Command } from '../command.ts';
import { composeDoctor } from '../compose-doctor.ts';
import { describeMachine } from '../describe-machine.ts';
import { exitCodes } from '../exit-codes.ts';
import { type PlannedRun, planFromArguments } from '../plan-from-arguments.ts';
import { printFigures } from '../print-figures.ts';
import { type RunFlagValues, withRunFlags } from '../run-flags.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';

const doctorFlags = {
  'try-ports': { type: 'boolean', default: false, describe: 'ask the usual admin ports of the host too' },
} as const;

type Flags = RunFlagValues & FlagValues<typeof doctorFlags> & { readonly scenario: string | undefined };

export const doctorCommand: Command<Flags> = {
  examples: [
    ['doctor', 'this machine'],
    ['doctor http://127.0.0.1:8080', 'and what the service there lets be known'],
    ['doctor --postgres env:DATABASE_URL', 'and what the database behind it lets be known'],
  ],
  flags: (yargs) =>
    withFlags(withRunFlags(yargs), doctorFlags).positional('scenario', {
      type: 'string',
      describe: 'scenario file or URL',
    }),
  run: async (flags, { terminal, interrupted, seed }) => {
    const world = realWorld({ say: (message) => terminal.note(message), interrupted });
    const planned = flags.scenario === undefined ? null : await plannedFor(flags.scenario, flags, seed);
    const database = planned === null ? databaseOf(flags) : (planned.plan.collect.postgres?.url ?? null);
    const figures = {
      machine: await describeMachine(),
      target: planned === null ? null : await probeOf(planned, flags, world),
      database:
        database === null
          ? null
          : { source: database, answer: await probePostgres(database, planned?.secrets ?? {}, world.environment) },
    };
    printFigures(terminal, 'plimsoll/doctor/1', figures, composeDoctor);
    return exitCodes.done;
  },
};

const pprofUrls = (pprof: PprofPlan | null): readonly string[] =>
  pprof === null ? [] : [pprof.url, ...pprof.furtherUrls];

/** Where no plan was made that would have refused it. The value is not repeated: it may hold a password. */
function databaseOf({ postgres }: Flags): string | null {
  if (postgres !== undefined && referredVariable(postgres) === null)
    throw misuse(
      '--postgres',
      'is no reference to the environment, and a connection string may hold a password',
      "put the connection string into a variable and write 'env:DATABASE_URL'",
    );
  return postgres ?? null;
}

async function plannedFor(scenario: string, flags: Flags, seed: number | null): Promise<PlannedRun> {
  // The load does not matter here, but a plan needs one.
  const isUrl = /^https?:/i.test(scenario);
  const asked = isUrl && flags.rate === undefined && flags.users === undefined ? { ...flags, rate: '1' } : flags;
  return planFromArguments(scenario, asked, seed);
}

async function probeOf(
  { plan, secrets }: PlannedRun,
  flags: Flags,
  world: ReturnType<typeof realWorld>,
): Promise<TargetProbe | null> {
  if (plan.target.kind === 'launch') return null;
  return await probeTarget({
    world,
    url: plan.target.url,
    adminUrls: [],
    known: [
      ...plan.collect.prometheus.map(({ url }) => ({ role: 'prometheus' as const, url })),
      ...pprofUrls(plan.collect.pprof).map((url) => ({ role: 'pprof' as const, url })),
    ],
    tryUsualPorts: flags.tryPorts,
    tryCpuProfile: true,
    access: { headers: plan.collect.adminHeaders, secrets },
  });
}
