import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readGroup } from './cgroup-collector.ts';
import { kernelFiles } from './kernel-files.ts';

async function folderOf(files: Record<string, string>): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'plimsoll-control-group-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

const stall = 'some avg10=1.50 avg60=0.80 avg300=0.20 total=123456\n';

test('version 2: throttling, limits and pressure', async (t) => {
  const { path, remove } = await folderOf({
    'cpu.stat':
      'usage_usec 5310211\nuser_usec 4000000\nsystem_usec 1310211\nnr_periods 600\nnr_throttled 12\nthrottled_usec 310002\n',
    'cpu.max': '150000 100000\n',
    'memory.current': '52428800\n',
    'memory.peak': '60817408\n',
    'memory.max': '268435456\n',
    'memory.stat': 'anon 1\nfile 2\ninactive_file 1048576\n',
    'memory.events': 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n',
    'cpu.pressure': stall,
    'memory.pressure': `${stall}full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n`,
  });
  const files = kernelFiles();
  const group = { version: 2, cpuPath: path, cpuAccountPath: path, memoryPath: path, unifiedPath: path } as const;
  t.deepEqual(readGroup(group, files), {
    version: 2,
    cpuPath: path,
    memoryPath: path,
    cpu: {
      quotaMicroseconds: 150_000,
      periodMicroseconds: 100_000,
      usageNanoseconds: 5_310_211_000,
      periods: 600,
      throttledPeriods: 12,
      throttledNanoseconds: 310_002_000,
    },
    memory: {
      currentBytes: 52_428_800,
      peakBytes: 60_817_408,
      limitBytes: 268_435_456,
      inactiveFileBytes: 1_048_576,
      events: { low: 0, high: 0, max: 3, oom: 1, oom_kill: 1, oom_group_kill: 0 },
    },
    pressure: {
      cpu: { some: { avg10: 1.5, avg60: 0.8, avg300: 0.2, totalMicroseconds: 123_456 }, full: null },
      memory: {
        some: { avg10: 1.5, avg60: 0.8, avg300: 0.2, totalMicroseconds: 123_456 },
        full: { avg10: 0, avg60: 0, avg300: 0, totalMicroseconds: 7 },
      },
      io: null,
    },
  });
  t.deepEqual(files.unreadable, {});
  await remove();
});

test('version 2 without limits, as in the root group', async (t) => {
  const { path, remove } = await folderOf({
    'cpu.stat': 'usage_usec 1\n',
    'cpu.max': 'max 100000\n',
    'memory.current': '5\n',
    'memory.max': 'max\n',
  });
  const files = kernelFiles();
  const group = { version: 2, cpuPath: path, cpuAccountPath: path, memoryPath: path, unifiedPath: path } as const;
  t.like(readGroup(group, files), {
    cpu: { quotaMicroseconds: null, usageNanoseconds: 1000, throttledPeriods: null },
    memory: { limitBytes: null, peakBytes: null, events: null },
  });
  await remove();
});

test('version 1: two trees, other units, other words for no limit', async (t) => {
  const cpu = await folderOf({
    'cpu.stat': 'nr_periods 10\nnr_throttled 4\nthrottled_time 310002123\nnr_bursts 0\nburst_time 0\n',
    'cpu.cfs_quota_us': '-1\n',
    'cpu.cfs_period_us': '100000\n',
  });
  const memory = await folderOf({
    'memory.usage_in_bytes': '1000\n',
    'memory.max_usage_in_bytes': '2000\n',
    'memory.limit_in_bytes': '9223372036854771712\n',
    'memory.stat': 'inactive_file 1\ntotal_inactive_file 300\n',
    'memory.failcnt': '9\n',
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
  });
  const group = {
    version: 1,
    cpuPath: cpu.path,
    cpuAccountPath: null,
    memoryPath: memory.path,
    unifiedPath: null,
  } as const;
  t.deepEqual(readGroup(group, kernelFiles()), {
    version: 1,
    cpuPath: cpu.path,
    memoryPath: memory.path,
    cpu: {
      quotaMicroseconds: null,
      periodMicroseconds: 100_000,
      usageNanoseconds: null,
      periods: 10,
      throttledPeriods: 4,
      throttledNanoseconds: 310_002_123,
    },
    memory: {
      currentBytes: 1000,
      peakBytes: 2000,
      limitBytes: null,
      inactiveFileBytes: 300,
      events: { failcnt: 9, oom_kill: 2 },
    },
    pressure: { cpu: null, memory: null, io: null },
  });
  await Promise.all([cpu.remove(), memory.remove()]);
});

test('a group that vanished is named as unreadable', (t) => {
  const files = kernelFiles();
  const path = '/sys/fs/cgroup/no/such/group';
  const group = { version: 2, cpuPath: path, cpuAccountPath: path, memoryPath: path, unifiedPath: path } as const;
  t.like(readGroup(group, files), { cpu: null, memory: null });
  t.deepEqual(files.unreadable, { 'cpu.stat': 'ENOENT', 'memory.current': 'ENOENT' });
});
