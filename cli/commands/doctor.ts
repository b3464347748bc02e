import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TargetProbe } from '../../runners/collectors/probe-target.ts';
import { probeTarget } from '../../runners/collectors/probe-target.ts';
import { packageManifest } from '../../runners/package-root.ts';
import { freeDisk } from '../../runners/store/free-disk.ts';
import { fingerprintHost } from '../../runners/target/fingerprint-host.ts';
import { allowedProcessors, canPin, formatProcessorSet } from '../../runners/target/processor-sets.ts';
import { realWorld } from '../../runners/world.ts';
import { toTerminal } from '../../reports/render/to-terminal.ts';
import type { Command } from '../command.ts';
import { composeDoctor } from '../compose-doctor.ts';
import { exitCodes } from '../exit-codes.ts';
import { planFromArguments } from '../plan-from-arguments.ts';
import { type RunFlagValues, withRunFlags } from '../run-flags.ts';

type Flags = RunFlagValues & { readonly scenario: string | undefined; readonly tryPorts: boolean };

/** What this machine can give. Null: it is not there, or it would not say. */
export interface MachineReport {
  readonly plimsollVersion: string;
  readonly node: string;
  readonly go: string | null;
  readonly processors: string;
  readonly canPin: boolean;
  readonly memoryBytes: number;
  readonly cpuLimit: number | null;
  readonly memoryLimitBytes: number | null;
  readonly kernel: string;
  readonly freeDiskBytes: number;
  readonly engines: readonly { readonly name: string; readonly available: boolean; readonly note: string }[];
}

export const doctorCommand: Command<Flags> = {
  usage: 'doctor [scenario]',
  describe: 'what this machine and this target can give, and the lines of Go that would add the rest',
  examples: [
    ['doctor', 'this machine'],
    ['doctor http://127.0.0.1:8080', 'and what the service there lets be known'],
  ],
  flags: (yargs) =>
    withRunFlags(yargs)
      .positional('scenario', { type: 'string', describe: 'scenario file or URL' })
      .option('tryPorts', { type: 'boolean', default: false, describe: 'ask the usual admin ports of the host too' }),
  run: async (flags, { terminal, interrupted, seed }) => {
    const world = realWorld({ say: (message) => terminal.note(message), interrupted });
    const machine = await describeMachine();
    const target = flags.scenario === undefined ? null : await probeOf(flags.scenario, flags, seed, world);
    if (terminal.json) terminal.out(JSON.stringify({ schema: 'plimsoll/doctor/1', machine, target }, null, 2));
    else terminal.out(toTerminal(composeDoctor(machine, target), terminal));
    return exitCodes.done;
  },
};

async function probeOf(
  scenario: string,
  flags: Flags,
  seed: number | null,
  world: ReturnType<typeof realWorld>,
): Promise<TargetProbe | null> {
  // The load does not matter here, but a plan needs one.
  const asked = flags.rate === undefined && flags.users === undefined ? { ...flags, rate: '1' } : flags;
  const { plan, secrets } = await planFromArguments(scenario, asked, seed);
  if (plan.target.kind === 'launch') return null;
  return await probeTarget({
    world,
    url: plan.target.url,
    adminUrls: [],
    known: [
      ...plan.collect.prometheus.map(({ url }) => ({ role: 'prometheus' as const, url })),
      ...(plan.collect.pprof === null ? [] : [{ role: 'pprof' as const, url: plan.collect.pprof.url }]),
    ],
    tryUsualPorts: flags.tryPorts,
    tryCpuProfile: true,
    access: { headers: plan.collect.adminHeaders, secrets },
  });
}

const run = promisify(execFile);

async function describeMachine(): Promise<MachineReport> {
  const host = await fingerprintHost();
  // Outside any module, since a toolchain line there could start a download.
  const go = await run('go', ['env', 'GOVERSION'], { cwd: '/', env: { ...process.env, GOTOOLCHAIN: 'local' } }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
  return {
    plimsollVersion: packageManifest().version,
    node: process.versions.node,
    go,
    processors: formatProcessorSet(await allowedProcessors()),
    canPin: await canPin(),
    memoryBytes: host.memoryBytes,
    cpuLimit: host.cpuLimit,
    memoryLimitBytes: host.memoryLimitBytes,
    kernel: host.kernel,
    freeDiskBytes: await freeDisk('.'),
    engines: [
      { name: 'autocannon', available: true, note: 'HTTP/1.1 without TLS' },
      { name: 'k6', available: false, note: 'not in this version; https, HTTP/2 and gRPC need it' },
    ],
  };
}
