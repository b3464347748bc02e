import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Bytes, bytes } from '../../model/units.ts';

export type Controller = 'cpu' | 'cpuacct' | 'memory';

/** Where one controller of a process is found: its group's folder, and the folder of the hierarchy's root. */
export interface GroupPlace {
  readonly version: 1 | 2;
  readonly folder: string;
  readonly root: string;
}

export type GroupPlaces = Readonly<Record<Controller, GroupPlace | null>>;

interface Mount {
  readonly version: 1 | 2;
  /** Which group the mount shows as its root: not `/` in a container without its own namespace. */
  readonly shown: string;
  readonly place: string;
  readonly controllers: readonly string[];
}

/**
 * From the texts of `/proc/self/mountinfo` and `/proc/PID/cgroup` (proc(5), cgroups(7)). A controller that is mounted as
 * version 1 is not in version 2; `controllersOf2` is what the version 2 root offers.
 */
export function groupPlaces(mountinfo: string, membership: string, controllersOf2: readonly string[]): GroupPlaces {
  const mounts = mountinfo.split('\n').flatMap((line) => mountOf(line) ?? []);
  const groups = membership.split('\n').flatMap((line) => {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    return match === null ? [] : [{ controllers: (match[1] ?? '').split(','), path: match[2] ?? '/' }];
  });
  const place = (controller: Controller): GroupPlace | null => {
    for (const mount of mounts) {
      const has =
        mount.version === 1
          ? mount.controllers.includes(controller)
          : controllersOf2.includes(controller === 'cpuacct' ? 'cpu' : controller);
      const named = mount.version === 1 ? controller : '';
      const group = groups.find(({ controllers }) => controllers.includes(named));
      if (!has || group === undefined) continue;
      const below =
        mount.shown === '/'
          ? group.path
          : group.path.startsWith(mount.shown)
            ? group.path.slice(mount.shown.length)
            : null;
      if (below === null || below.split('/').includes('..')) continue;
      return { version: mount.version, folder: join(mount.place, below), root: mount.place };
    }
    return null;
  };
  return { cpu: place('cpu'), cpuacct: place('cpuacct'), memory: place('memory') };
}

function mountOf(line: string): Mount | null {
  const [before = '', after] = line.split(' - ');
  if (after === undefined) return null;
  const [, , , shown = '/', place = ''] = before.split(' ').map(unescaped);
  const [kind, , options = ''] = after.split(' ');
  switch (kind) {
    case 'cgroup':
      return { version: 1, shown, place, controllers: options.split(',') };
    case 'cgroup2':
      return { version: 2, shown, place, controllers: [] };
    default:
      return null;
  }
}

/** Spaces and the like are octal in mountinfo. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Of a process on this machine; all null where there are no control groups or they may not be read. */
export async function groupPlacesOf(process: number | 'self'): Promise<GroupPlaces> {
  const mountinfo = await kernelText('/proc/self/mountinfo');
  const membership = await kernelText(`/proc/${process}/cgroup`);
  if (mountinfo === null || membership === null) return { cpu: null, cpuacct: null, memory: null };
  const second = mountinfo
    .split('\n')
    .flatMap((line) => mountOf(line) ?? [])
    .find(({ version }) => version === 2);
  const offered = second === undefined ? '' : ((await kernelText(join(second.place, 'cgroup.controllers'))) ?? '');
  return groupPlaces(mountinfo, membership, offered.trim().split(/\s+/));
}

export interface GroupLimits {
  /** Processors' worth of time; null: no limit, or it could not be read. */
  readonly cpuLimit: number | null;
  readonly memoryLimitBytes: Bytes | null;
}

/** What holds for a process: the smallest limit of its group and of all groups above it. */
export async function groupLimits(places: GroupPlaces): Promise<GroupLimits> {
  const cpus = await upwards(places.cpu, cpuLimitOf);
  const sizes = await upwards(places.memory, memoryLimitOf);
  return {
    cpuLimit: cpus.length === 0 ? null : Math.min(...cpus),
    memoryLimitBytes: sizes.length === 0 ? null : bytes(Math.min(...sizes)),
  };
}

/** The group's folder and those above it, up to the hierarchy's root. */
export function fromGroupToRoot(place: GroupPlace): readonly string[] {
  const folders = [place.folder];
  for (let folder = place.folder; folder !== place.root && folder !== dirname(folder);) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

async function upwards(
  place: GroupPlace | null,
  read: (folder: string, version: 1 | 2) => Promise<number | null>,
): Promise<readonly number[]> {
  const found: number[] = [];
  if (place === null) return found;
  for (const folder of fromGroupToRoot(place)) {
    const value = await read(folder, place.version);
    if (value !== null) found.push(value);
  }
  return found;
}

async function cpuLimitOf(folder: string, version: 1 | 2): Promise<number | null> {
  const [quota = '', period = ''] =
    version === 2
      ? ((await kernelText(join(folder, 'cpu.max'))) ?? '').trim().split(/\s+/)
      : [await kernelText(join(folder, 'cpu.cfs_quota_us')), await kernelText(join(folder, 'cpu.cfs_period_us'))].map(
          (value) => value ?? '',
        );
  const share = Number.parseInt(quota, 10) / Number.parseInt(period, 10);
  return Number.isFinite(share) && share > 0 ? share : null;
}

/** Version 1 writes "no limit" as the largest multiple of a page below 2^63. */
const unlimited = 2 ** 62;

async function memoryLimitOf(folder: string, version: 1 | 2): Promise<number | null> {
  const size = Number.parseInt(
    (await kernelText(join(folder, version === 2 ? 'memory.max' : 'memory.limit_in_bytes'))) ?? '',
    10,
  );
  return Number.isFinite(size) && size >= 0 && size < unlimited ? size : null;
}

/** A file of the kernel's, null where it is not there or may not be read: absence is an answer here. */
async function kernelText(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
