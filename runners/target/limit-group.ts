import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaunchPlan } from '../../model/plan.ts';
import { sizeText } from '../../model/size-text.ts';
import { milliseconds } from '../../model/units.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../model/message-of.ts';
import { type Controller, type GroupPlace, type GroupPlaces, fromGroupToRoot } from './control-groups.ts';

/** The control groups made for one launched target; empty where none were asked for or permitted. */
export interface LimitGroup {
  readonly folders: readonly string[];
  /** How the limits were set, or why they could not be. */
  readonly notes: readonly string[];
  /** @throws the file system's error where the kernel refuses the process. */
  add(processId: number): Promise<void>;
  /** Processes in it now. */
  members(): Promise<readonly number[]>;
  /** Times the kernel killed in it for want of memory. */
  outOfMemoryKills(): Promise<number>;
  remove(): Promise<void>;
}

type Limits = LaunchPlan['limits'];

const periodMicroseconds = 100_000;

/**
 * Makes groups of its own below plimsoll's own place (which therefore still bounds them) and sets the limits. Where that
 * is not permitted the target runs without, and the notes say so. No existing group is altered.
 */
export async function makeLimitGroup(limits: Limits, places: GroupPlaces): Promise<LimitGroup> {
  const name = `plimsoll-${process.pid}-${randomBytes(4).toString('hex')}`;
  const folders: string[] = [];
  const notes: string[] = [];
  const make = async (
    controller: Controller,
    what: string,
    set: (folder: string, version: 1 | 2) => Promise<void>,
  ): Promise<void> => {
    try {
      const parent = await parentFor(places[controller], controller);
      if (typeof parent === 'string') {
        notes.push(`${what} not set: ${parent}`);
        return;
      }
      const folder = join(parent.folder, name);
      if (!folders.includes(folder)) {
        await mkdir(folder);
        folders.push(folder);
      }
      await set(folder, parent.version);
      notes.push(`${what} set through cgroup v${parent.version}`);
    } catch (error) {
      notes.push(`${what} not set: ${messageOf(error)}`);
    }
  };
  const { cpus, memoryBytes } = limits;
  if (cpus !== null) {
    const quota = Math.max(periodMicroseconds / 100, Math.round(cpus * periodMicroseconds));
    await make('cpu', `CPU limit of ${cpus} processors`, async (folder, version) => {
      if (version === 2) return writeFile(join(folder, 'cpu.max'), `${quota} ${periodMicroseconds}`);
      await writeFile(join(folder, 'cpu.cfs_period_us'), String(periodMicroseconds));
      return writeFile(join(folder, 'cpu.cfs_quota_us'), String(quota));
    });
  }
  // Version 1 may count CPU time in a hierarchy of its own; without a group there, readings would be the machine's.
  const { cpuacct } = places;
  if (cpus !== null && cpuacct?.version === 1 && cpuacct.root !== places.cpu?.root)
    await make('cpuacct', 'CPU accounting', async () => {});
  if (memoryBytes !== null)
    await make('memory', `memory limit of ${sizeText(memoryBytes)}`, async (folder, version) => {
      const [size, swap, swapLimit] =
        version === 2
          ? ['memory.max', 'memory.swap.max', '0']
          : ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', String(memoryBytes)];
      await writeFile(join(folder, size), String(memoryBytes));
      // Kernels without swap accounting lack the file, and a machine without swap needs it not.
      const refused = await writeFile(join(folder, swap), swapLimit).then(
        () => null,
        (error: unknown) => error,
      );
      if (refused !== null) notes.push('swap could not be limited beside memory');
    });
  return {
    folders,
    notes,
    add: async (processId) => {
      for (const folder of folders) await writeFile(join(folder, 'cgroup.procs'), String(processId));
    },
    members: async () => membersOf(folders),
    outOfMemoryKills: async () => outOfMemoryKills(folders),
    remove: async () => removeGroups(folders),
  };
}

const writable = async (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );

/** The group to make ours in, or why there is none. */
async function parentFor(
  place: GroupPlace | null,
  controller: Controller,
): Promise<{ folder: string; version: 1 | 2 } | string> {
  if (place === null) return `this machine has no ${controller} control group`;
  if (place.version === 1)
    return (await writable(place.folder)) ? { folder: place.folder, version: 1 } : `no permission in ${place.folder}`;
  // Version 2: a group that holds processes may not hand controllers down, so look upwards for one that does already.
  for (const folder of fromGroupToRoot(place)) {
    const handedDown = await readFile(join(folder, 'cgroup.subtree_control'), 'utf8').catch(() => '');
    if (handedDown.trim().split(/\s+/).includes(controller) && (await writable(folder))) return { folder, version: 2 };
  }
  return `no group above ${place.folder} hands the ${controller} controller down and may be written to`;
}

async function membersOf(folders: readonly string[]): Promise<readonly number[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')),
  );
  return [
    ...new Set(
      lists
        .flatMap((list) => list.split('\n'))
        .filter((line) => line !== '')
        .map(Number),
    ),
  ];
}

async function outOfMemoryKills(folders: readonly string[]): Promise<number> {
  let kills = 0;
  for (const folder of folders)
    for (const file of ['memory.events', 'memory.oom_control']) {
      const text = await readFile(join(folder, file), 'utf8').catch(() => '');
      kills += Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
    }
  return kills;
}

async function removeGroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders)
    for (let attempt = 0; attempt < 50; attempt++) {
      const refused = await rmdir(folder).then(
        () => null,
        (error: unknown) => error,
      );
      // EBUSY for a moment after the last process ended.
      if (!(refused instanceof Error && 'code' in refused && refused.code === 'EBUSY')) break;
      await pause(milliseconds(20));
    }
}
