import { readFile, readdir } from 'node:fs/promises';

/** Sends a signal to every process of the group; false where there is none left. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-groupId, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Whether a process of the group still runs. The dead that nobody has collected yet (a container without an init keeps
 * them for ever) do not count.
 */
export async function groupIsAlive(groupId: number): Promise<boolean> {
  const entries = await readdir('/proc').catch(() => null);
  if (entries === null) return existsInGroup(groupId);
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await processStat(Number(entry));
    if (stat !== null && stat.groupId === groupId && stat.state !== 'Z' && stat.state !== 'X') return true;
  }
  return false;
}

function existsInGroup(groupId: number): boolean {
  try {
    return process.kill(-groupId, 0);
  } catch {
    return false; // no such group
  }
}

export interface ProcessStat {
  readonly command: string;
  readonly state: string;
  readonly parentId: number;
  readonly groupId: number;
  /** When it began, in clock ticks since the kernel did: with the id it tells a process from a later one of the same id. */
  readonly beganAtTick: number;
}

/** Of `/proc/PID/stat` (proc(5)); null where the process is gone. */
export async function processStat(processId: number): Promise<ProcessStat | null> {
  const text = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => null);
  // The command is in parentheses and may hold any character, so the last one closes it.
  const match = text === null ? null : /^\d+ \((.*)\) (\S) (\d+) (\d+) (?:\S+ ){16}(\d+) /s.exec(text);
  if (match === null) return null;
  const [, command = '', state = '', parentId = '', groupId = '', beganAtTick = ''] = match;
  return {
    command,
    state,
    parentId: Number(parentId),
    groupId: Number(groupId),
    beganAtTick: Number(beganAtTick),
  };
}
