import { readFile } from 'node:fs/promises';
import { type Milliseconds, bytes, kibibytes, percent, seconds } from '../../model/units.ts';
import { type ControlGroup, findControlGroup } from './control-group.ts';
import { intervalCollector } from './interval-collector.ts';
import { type KernelFiles, countOf, kernelFiles, namedValues, needsLinux, ticksPerSecond } from './kernel-files.ts';
import type { Collector } from './port.ts';

/** Reads the target's control group and the machine around it: docs/run-record.md, "Control group and host". */
export function cgroupCollector(intervalMs: Milliseconds): Collector {
  let mountInfo: string | null = null;
  return intervalCollector({
    name: 'cgroup',
    source: "/sys/fs/cgroup of the target and the machine's /proc",
    intervalMs,
    stopWithinMs: seconds(2),
    busyShare: percent(10),
    async read({ processId }) {
      if (process.platform !== 'linux') return { bytes: bytes(0), contentType: null, body: null, error: needsLinux };
      mountInfo ??= await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
      const files = kernelFiles();
      const membership = processId === null ? null : files.text(`/proc/${processId}/cgroup`, 'cgroup');
      const place = membership === null ? null : findControlGroup(membership, mountInfo);
      const body = {
        format: 1,
        ticksPerSecond,
        group: place === null ? null : readGroup(place, files),
        host: hostBody(files),
        unreadable: files.unreadable,
      };
      return { bytes: files.bytes, contentType: 'application/json', body: JSON.stringify(body), error: null };
    },
  });
}

/** The group's part of the body. */
export function readGroup(group: ControlGroup, files: KernelFiles): Record<string, unknown> {
  const { version, cpuPath, memoryPath, unifiedPath } = group;
  const cpu = version === 2 ? unifiedCpu(cpuPath, files) : separateCpu(group, files);
  const memory = version === 2 ? unifiedMemory(memoryPath, files) : separateMemory(memoryPath, files);
  const pressure = pressures(
    (resource) => (unifiedPath === null ? null : `${unifiedPath}/${resource}.pressure`),
    files,
  );
  return { version, cpuPath, memoryPath, cpu, memory, pressure };
}

/** Version 2, https://docs.kernel.org/admin-guide/cgroup-v2.html: times in microseconds, `max` for no limit. */
function unifiedCpu(path: string | null, files: KernelFiles): Record<string, unknown> | null {
  const stat = files.text(`${path}/cpu.stat`, 'cpu.stat');
  const max = files.text(`${path}/cpu.max`, null);
  if (stat === null) return null;
  const values = namedValues(stat);
  const [quota, period] = max?.trim().split(' ') ?? [];
  return {
    quotaMicroseconds: countOf(quota),
    periodMicroseconds: countOf(period),
    usageNanoseconds: countOf(asNanoseconds(values.get('usage_usec'))),
    periods: countOf(values.get('nr_periods')),
    throttledPeriods: countOf(values.get('nr_throttled')),
    throttledNanoseconds: countOf(asNanoseconds(values.get('throttled_usec'))),
  };
}

/** Microseconds to nanoseconds as text, so that no digit is lost. */
const asNanoseconds = (text: string | undefined): string | undefined => (text === undefined ? undefined : `${text}000`);

/** Version 1, https://docs.kernel.org/scheduler/sched-bwc.html and cpuacct: times in nanoseconds, -1 for no limit. */
function separateCpu({ cpuPath, cpuAccountPath }: ControlGroup, files: KernelFiles): Record<string, unknown> | null {
  const stat = cpuPath === null ? null : files.text(`${cpuPath}/cpu.stat`, 'cpu.stat');
  const quota = cpuPath === null ? null : files.text(`${cpuPath}/cpu.cfs_quota_us`, null);
  const period = cpuPath === null ? null : files.text(`${cpuPath}/cpu.cfs_period_us`, null);
  const usage = cpuAccountPath === null ? null : files.text(`${cpuAccountPath}/cpuacct.usage`, null);
  if (stat === null && usage === null) return null;
  const values = namedValues(stat);
  return {
    quotaMicroseconds: countOf(quota?.trim()),
    periodMicroseconds: countOf(period?.trim()),
    usageNanoseconds: countOf(usage?.trim()),
    periods: countOf(values.get('nr_periods')),
    throttledPeriods: countOf(values.get('nr_throttled')),
    throttledNanoseconds: countOf(values.get('throttled_time')),
  };
}

function unifiedMemory(path: string | null, files: KernelFiles): Record<string, unknown> | null {
  const current = files.text(`${path}/memory.current`, 'memory.current');
  const peak = files.text(`${path}/memory.peak`, null);
  const max = files.text(`${path}/memory.max`, null);
  const stat = files.text(`${path}/memory.stat`, null);
  const events = files.text(`${path}/memory.events`, null);
  if (current === null) return null;
  return {
    currentBytes: countOf(current.trim()),
    peakBytes: countOf(peak?.trim()),
    limitBytes: countOf(max?.trim()),
    inactiveFileBytes: countOf(namedValues(stat).get('inactive_file')),
    events: events === null ? null : counters(namedValues(events)),
  };
}

/** Version 1 has no word for "no limit", only a number near the largest there is. */
const noLimit = 2 ** 62;

function separateMemory(path: string | null, files: KernelFiles): Record<string, unknown> | null {
  if (path === null) return null;
  const current = files.text(`${path}/memory.usage_in_bytes`, 'memory.usage_in_bytes');
  const peak = files.text(`${path}/memory.max_usage_in_bytes`, null);
  const max = files.text(`${path}/memory.limit_in_bytes`, null);
  const stat = files.text(`${path}/memory.stat`, null);
  const failures = files.text(`${path}/memory.failcnt`, null);
  const control = files.text(`${path}/memory.oom_control`, null);
  if (current === null) return null;
  const limit = countOf(max?.trim());
  return {
    currentBytes: countOf(current.trim()),
    peakBytes: countOf(peak?.trim()),
    limitBytes: limit === null || limit >= noLimit ? null : limit,
    inactiveFileBytes: countOf(namedValues(stat).get('total_inactive_file')),
    events: { failcnt: countOf(failures?.trim()), oom_kill: countOf(namedValues(control).get('oom_kill')) },
  };
}

function hostBody(files: KernelFiles): Record<string, unknown> {
  const stat = files.text('/proc/stat', '/proc/stat');
  const load = files.text('/proc/loadavg', '/proc/loadavg');
  const memory = namedValues(files.text('/proc/meminfo', '/proc/meminfo'));
  const pressure = pressures((resource) => `/proc/pressure/${resource}`, files);
  const values = namedValues(stat);
  const sizeOf = (name: string): number | null => {
    const value = countOf(memory.get(name));
    return value === null ? null : kibibytes(value);
  };
  return {
    processors: stat === null ? null : [...values].flatMap(([name, ticks]) => processorTicks(name, ticks) ?? []),
    contextSwitches: countOf(values.get('ctxt')),
    forks: countOf(values.get('processes')),
    runnable: countOf(values.get('procs_running')),
    blocked: countOf(values.get('procs_blocked')),
    loadAverage: load === null ? null : load.split(' ').slice(0, 3).map(Number),
    memoryTotalBytes: sizeOf('MemTotal'),
    memoryAvailableBytes: sizeOf('MemAvailable'),
    pressure,
  };
}

const modes = [
  'user',
  'nice',
  'system',
  'idle',
  'ioWait',
  'interrupt',
  'softInterrupt',
  'steal',
  'guest',
  'guestNice',
] as const;

function processorTicks(name: string, ticks: string): Record<string, unknown> | null {
  if (!/^cpu\d+$/.test(name)) return null;
  const counts = ticks.split(' ');
  return { name, ...Object.fromEntries(modes.map((mode, index) => [mode, countOf(counts[index])])) };
}

type Resource = 'cpu' | 'memory' | 'io';

/** https://docs.kernel.org/accounting/psi.html; null where the kernel keeps none. */
function pressures(pathOf: (resource: Resource) => string | null, files: KernelFiles): Record<Resource, unknown> {
  const read = (resource: Resource): unknown => {
    const path = pathOf(resource);
    const text = path === null ? null : files.text(path, null);
    return text === null ? null : { some: stall(text, 'some'), full: stall(text, 'full') };
  };
  const cpu = read('cpu');
  const memory = read('memory');
  const io = read('io');
  return { cpu, memory, io };
}

function stall(text: string, kind: 'some' | 'full'): Record<string, number> | null {
  const [, avg10, avg60, avg300, total] =
    new RegExp(`^${kind} avg10=([\\d.]+) avg60=([\\d.]+) avg300=([\\d.]+) total=(\\d+)`, 'm').exec(text) ?? [];
  if (total === undefined) return null;
  return { avg10: Number(avg10), avg60: Number(avg60), avg300: Number(avg300), totalMicroseconds: Number(total) };
}

function counters(values: ReadonlyMap<string, string>): Record<string, number | null> {
  return Object.fromEntries([...values].map(([name, value]) => [name, countOf(value)]));
}
