import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { packageManifest } from '../runners/package-root.ts';
import { freeDisk } from '../runners/store/free-disk.ts';
import { fingerprintHost } from '../runners/target/fingerprint-host.ts';
import { allowedProcessors, canPin, formatProcessorSet } from '../runners/target/processor-sets.ts';

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

const run = promisify(execFile);

/** Looks, changes nothing. */
export async function describeMachine(): Promise<MachineReport> {
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
      go === null
        ? { name: 'k6', available: false, note: 'needs Go 1.26 or newer to be built; https and HTTP/2 need it' }
        : { name: 'k6', available: true, note: 'https and HTTP/2; built on first use' },
    ],
  };
}
