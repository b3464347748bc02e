import type { PprofPlan } from '../../model/plan.ts';
import type { TargetProbe } from '../../runners/collectors/probe-target.ts';
import { probeTarget } from '../../runners/collectors/probe-target.ts';
import { realWorld } from '../../runners/world.ts';
import type { Command } from '../command.ts';
import { composeDoctor } from '../compose-doctor.ts';
import { describeMachine } from '../describe-machine.ts';
import { exitCodes } from '../exit-codes.ts';
import { planFromArguments } from '../plan-from-arguments.ts';
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
  ],
  flags: (yargs) =>
    withFlags(withRunFlags(yargs), doctorFlags).positional('scenario', {
      type: 'string',
      describe: 'scenario file or URL',
    }),
  run: async (flags, { terminal, interrupted, seed }) => {
    const world = realWorld({ say: (message) => terminal.note(message), interrupted });
    const machine = await describeMachine();
    const target = flags.scenario === undefined ? null : await probeOf(flags.scenario, flags, seed, world);
    printFigures(terminal, 'plimsoll/doctor/1', { machine, target }, () => composeDoctor(machine, target));
    return exitCodes.done;
  },
};

const pprofUrls = (pprof: PprofPlan | null): readonly string[] =>
  pprof === null ? [] : [pprof.url, ...pprof.furtherUrls];

async function probeOf(
  scenario: string,
  flags: Flags,
  seed: number | null,
  world: ReturnType<typeof realWorld>,
): Promise<TargetProbe | null> {
  // The load does not matter here, but a plan needs one.
  const isUrl = /^https?:/i.test(scenario);
  const asked = isUrl && flags.rate === undefined && flags.users === undefined ? { ...flags, rate: '1' } : flags;
  const { plan, secrets } = await planFromArguments(scenario, asked, seed);
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
