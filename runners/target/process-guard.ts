import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { World } from '../world.ts';

/**
 * Waits on its standard input for the word to go, then becomes the command: so the target has its control groups before
 * its first instruction, and its process id is that of the child. The pipe stays its standard input and closes when
 * plimsoll ends. User's words come as arguments, never as shell text.
 */
const launcher = 'read -r word || exit 125; exec "$@"';

/**
 * Holds our pipe. "done": nothing left to do. When the pipe closes without it, plimsoll is gone (SIGKILL too): the
 * target's whole process group is asked to end, then made to, with whatever else is in its control groups.
 */
const guard = `
group=$1; shift
if read -r word && [ "$word" = done ]; then exit 0; fi
kill -s TERM -- "-$group" 2>/dev/null
count=0
while [ $count -lt 30 ] && kill -s 0 -- "-$group" 2>/dev/null; do sleep 0.1; count=$((count + 1)); done
kill -s KILL -- "-$group" 2>/dev/null
for folder; do while read -r member; do kill -s KILL "$member" 2>/dev/null; done <"$folder/cgroup.procs"; done
[ $# -gt 0 ] || exit 0
count=0
while [ $count -lt 20 ] && ! rmdir -- "$@" 2>/dev/null; do sleep 0.1; count=$((count + 1)); done
`;

export interface HeldProcess {
  readonly child: ChildProcess;
  readonly processId: number;
  /** Lets the command begin. */
  go(): void;
}

/** Starts the command held: nothing of it runs before `go`. It leads a process group and session of its own. */
export async function startHeld(
  world: World,
  command: readonly [string, ...string[]],
  options: { readonly workingDirectory: string; readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<HeldProcess> {
  const child = world.spawn('/bin/sh', ['-c', launcher, 'plimsoll-target', ...command], {
    cwd: options.workingDirectory,
    env: { ...options.environment },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  child.stdin?.on('error', () => {}); // EPIPE: it ended; its exit says so
  return { child, processId: Number(child.pid), go: () => child.stdin?.write('go\n') };
}

export interface Guard {
  /** The target is gone: the guard ends without doing anything. */
  release(): Promise<void>;
}

/** Makes sure that the process group and the control groups do not outlive plimsoll. */
export async function startGuard(world: World, groupId: number, controlGroups: readonly string[]): Promise<Guard> {
  const child = world.spawn('/bin/sh', ['-c', guard, 'plimsoll-guard', String(groupId), ...controlGroups], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  child.stdin?.on('error', () => {}); // EPIPE: somebody killed the guard
  return {
    release: async () => {
      child.stdin?.end('done\n');
      await ended;
    },
  };
}
