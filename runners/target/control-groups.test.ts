import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mebibytes } from '../../model/units.ts';
import { type GroupPlace, type GroupPlaces, groupLimits, groupPlaces, groupPlacesOf } from './control-groups.ts';
import { makeLimitGroup } from './limit-group.ts';

const hybrid = `22 1 8:1 / / rw - ext4 /dev/sda rw
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw,relatime - cgroup2 cgroup2 rw`;

test('version 1, also where a container shows only its own part', (t) => {
  const membership = '4:memory:/docker/abc/inner\n3:cpu,cpuacct:/a/b\n0::/';
  const places = groupPlaces(hybrid, membership, ['hugetlb']);
  const cpu: GroupPlace = { version: 1, folder: '/sys/fs/cgroup/cpu,cpuacct/a/b', root: '/sys/fs/cgroup/cpu,cpuacct' };
  t.deepEqual(places.cpu, cpu);
  t.deepEqual(places.cpuacct, cpu);
  t.is(places.memory?.folder, '/sys/fs/cgroup/memory/inner');
});

test('version 2, its mount point with a space', (t) => {
  const places = groupPlaces(hybrid.split('\n').slice(3).join('\n'), '0::/user.slice/x', ['cpu', 'memory']);
  t.is(places.cpu?.version, 2);
  t.is(places.cpu?.folder, '/sys/fs/cgroup/uni fied/user.slice/x');
  t.is(places.memory?.root, '/sys/fs/cgroup/uni fied');
});

test('a group outside what is mounted is not guessed at', (t) => {
  t.is(groupPlaces(hybrid, '4:memory:/elsewhere', []).memory, null);
  t.is(groupPlaces(hybrid, '3:cpu:/../../etc', []).cpu, null);
  t.deepEqual(groupPlaces('', '', []), { cpu: null, cpuacct: null, memory: null });
});

/** Files as the kernel shows them; what they do cannot be had on a machine of the other version. */
async function secondVersion(t: ExecutionContext, handsDown: string): Promise<{ root: string; places: GroupPlaces }> {
  const root = await mkdtemp(join(tmpdir(), 'plimsoll-groups-'));
  t.teardown(async () => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'slice', 'scope');
  await mkdir(folder, { recursive: true });
  await writeFile(join(root, 'cgroup.subtree_control'), handsDown);
  const place: GroupPlace = { version: 2, folder, root };
  return { root, places: { cpu: place, cpuacct: place, memory: place } };
}

test('version 2: the smallest limit of the group and those above holds', async (t) => {
  const { root, places } = await secondVersion(t, '');
  await writeFile(join(root, 'slice', 'scope', 'cpu.max'), 'max 100000\n');
  await writeFile(join(root, 'slice', 'cpu.max'), '150000 100000\n');
  await writeFile(join(root, 'slice', 'scope', 'memory.max'), '1073741824\n');
  await writeFile(join(root, 'slice', 'memory.max'), '536870912\n');
  t.deepEqual(await groupLimits(places), { cpuLimit: 1.5, memoryLimitBytes: mebibytes(512) });
});

test('no limit and no file are both null', async (t) => {
  const { root, places } = await secondVersion(t, '');
  await writeFile(join(root, 'slice', 'memory.max'), 'max\n');
  t.deepEqual(await groupLimits(places), { cpuLimit: null, memoryLimitBytes: null });
});

test('version 2: the group is made where controllers are handed down, and one folder holds both limits', async (t) => {
  const { root, places } = await secondVersion(t, 'cpuset cpu memory');
  const group = await makeLimitGroup({ cpus: 0.5, memoryBytes: mebibytes(64) }, places);
  t.is(group.folders.length, 1);
  t.true(group.folders[0]?.startsWith(join(root, 'plimsoll-')));
  t.deepEqual(
    group.notes.filter((note) => note.includes('not set')),
    [],
  );
  const set = await groupLimits({
    ...places,
    cpu: { version: 2, folder: group.folders[0] ?? '', root },
    memory: { version: 2, folder: group.folders[0] ?? '', root },
  });
  t.deepEqual(set, { cpuLimit: 0.5, memoryLimitBytes: mebibytes(64) });
});

test('without permission the target runs without limits, and the notes say why', async (t) => {
  const { places } = await secondVersion(t, '');
  const group = await makeLimitGroup({ cpus: 1, memoryBytes: mebibytes(64) }, places);
  t.deepEqual(group.folders, []);
  t.is(group.notes.length, 2);
  t.true(group.notes.every((note) => note.includes('not set: no group above')));
  const none = await makeLimitGroup({ cpus: 1, memoryBytes: null }, { cpu: null, cpuacct: null, memory: null });
  t.deepEqual(none.notes, ['CPU limit of 1 processors not set: this machine has no cpu control group']);
});

test('nothing asked for: no group, no note', async (t) => {
  const group = await makeLimitGroup({ cpus: null, memoryBytes: null }, await groupPlacesOf('self'));
  t.deepEqual([group.folders, group.notes], [[], []]);
});
