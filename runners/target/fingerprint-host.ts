import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import type { HostEnvironment } from '../../model/run-record.ts';
import { bytes } from '../../model/units.ts';
import { groupLimits, groupPlacesOf } from './control-groups.ts';

/** Settings of the kernel that decide about ports, queues and open files under load. */
export const recordedSysctls = [
  'fs.file-max',
  'fs.nr_open',
  'kernel.threads-max',
  'net.core.netdev_max_backlog',
  'net.core.rmem_max',
  'net.core.somaxconn',
  'net.core.wmem_max',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_fastopen',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_max_tw_buckets',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_timestamps',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.tcp_wmem',
  'net.netfilter.nf_conntrack_max',
  'vm.overcommit_memory',
  'vm.swappiness',
] as const;

/** The machine plimsoll runs on. Settings that cannot be read are left out. */
export async function fingerprintHost(): Promise<HostEnvironment> {
  const processors = cpus();
  const limits = await groupLimits(await groupPlacesOf('self'));
  return {
    platform: `${process.platform}-${process.arch}`,
    kernel: release(),
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length > 0 ? processors.length : availableParallelism(),
    memoryBytes: bytes(totalmem()),
    cpuLimit: limits.cpuLimit,
    memoryLimitBytes: limits.memoryLimitBytes,
    sysctls: await sysctls(),
  };
}

async function sysctls(): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const name of recordedSysctls) {
    const text = await readFile(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').catch(() => null);
    if (text !== null) found[name] = text.trim().replaceAll(/\s+/g, ' ');
  }
  return found;
}
