import test from 'ava';
import { findControlGroup } from './control-group.ts';

const version2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
const version1 = [
  '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct',
  '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
].join('\n');

test('version 2', (t) => {
  const path = '/sys/fs/cgroup/system.slice/orders.service';
  t.deepEqual(findControlGroup('0::/system.slice/orders.service\n', version2), {
    version: 2,
    cpuPath: path,
    cpuAccountPath: path,
    memoryPath: path,
    unifiedPath: path,
  });
});

test('version 1, with version 2 mounted beside it', (t) => {
  const unified = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';
  const membership = '4:memory:/run/7c\n1:cpu,cpuacct:/\n0::/\n';
  t.deepEqual(findControlGroup(membership, `${version1}\n${unified}`), {
    version: 1,
    cpuPath: '/sys/fs/cgroup/cpu,cpuacct',
    cpuAccountPath: '/sys/fs/cgroup/cpu,cpuacct',
    memoryPath: '/sys/fs/cgroup/memory/run/7c',
    unifiedPath: '/sys/fs/cgroup/unified',
  });
});

test('a container that sees only its own part of the hierarchy', (t) => {
  const mount = String.raw`32 31 0:29 /docker/abc /sys/fs/cgroup/with\040space rw - cgroup cgroup rw,memory`;
  t.is(findControlGroup('4:memory:/docker/abc/inner', mount)?.memoryPath, '/sys/fs/cgroup/with space/inner');
  t.is(findControlGroup('4:memory:/docker/abc', mount)?.memoryPath, '/sys/fs/cgroup/with space');
  t.is(findControlGroup('4:memory:/docker/abcdef', mount), null, 'the group of another container');
  t.is(findControlGroup('0::/../outside', version2), null, 'a group outside the namespace');
});

test('nothing mounted', (t) => {
  t.is(findControlGroup('0::/\n', ''), null);
  t.is(findControlGroup('', version2), null);
});
