import { join } from 'node:path';

/** Where the files of a process's control group are; a path is null where that controller is mounted nowhere. */
export interface ControlGroup {
  readonly version: 1 | 2;
  readonly cpuPath: string | null;
  /** Version 1 may account CPU time in another tree than it limits it. */
  readonly cpuAccountPath: string | null;
  readonly memoryPath: string | null;
  /** Of the version 2 tree, also where it is mounted beside version 1 (pressure is there only). */
  readonly unifiedPath: string | null;
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/**
 * Finds the group from the texts of `/proc/PID/cgroup` (cgroups(7)) and our own `/proc/self/mountinfo`
 * (proc_pid_mountinfo(5)). Null where no hierarchy is mounted that we could read.
 */
export function findControlGroup(membership: string, mountInfo: string): ControlGroup | null {
  const mounts = mountInfo.split('\n').flatMap((line) => parseMount(line) ?? []);
  const member = membership.split('\n').flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return path === '' ? [] : [{ controllers: controllers.split(',').filter((name) => name !== ''), path }];
  });
  const version1 = (controller: string): string | null =>
    place(
      mounts.find((mount) => mount.version === 1 && mount.controllers.includes(controller)),
      member.find(({ controllers }) => controllers.includes(controller))?.path,
    );
  const unifiedPath = place(
    mounts.find((mount) => mount.version === 2),
    member.find(({ controllers }) => controllers.length === 0)?.path,
  );
  const cpuPath = version1('cpu');
  const memoryPath = version1('memory');
  if (cpuPath !== null || memoryPath !== null)
    return { version: 1, cpuPath, cpuAccountPath: version1('cpuacct'), memoryPath, unifiedPath };
  return unifiedPath === null
    ? null
    : { version: 2, cpuPath: unifiedPath, cpuAccountPath: unifiedPath, memoryPath: unifiedPath, unifiedPath };
}

function parseMount(line: string): Mount | null {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root, point] = before.split(' ').map(unescapeOctal);
  const [type, , options = ''] = after.split(' ');
  if (root === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return null;
  return { root, point, version: type === 'cgroup' ? 1 : 2, controllers: options.split(',') };
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** A container sees a part of the hierarchy mounted as if it were the whole; a group outside it has no files here. */
function place(mount: Mount | undefined, path: string | undefined): string | null {
  if (mount === undefined || path === undefined || path.startsWith('/..')) return null;
  if (mount.root === '/') return path === '/' ? mount.point : join(mount.point, path);
  if (path === '/' || path === mount.root) return mount.point;
  return path.startsWith(`${mount.root}/`) ? join(mount.point, path.slice(mount.root.length)) : null;
}
