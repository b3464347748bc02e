import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs the command in the foreground of its own process group, beside a watcher that holds our pipe: when the pipe
 * closes, however we end (SIGKILL too), the whole group is killed, and with it whatever the command has started.
 */
const guard = `
exec 3<&0
{ cat <&3; kill -s KILL 0; } >/dev/null 2>&1 &
exec 3<&-
"$@" </dev/null
`;

export interface GuardedWishes {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Kills the command, with all that it has started. */
  readonly interrupted?: AbortSignal;
  readonly owner?: { readonly uid?: number; readonly gid?: number };
}

/**
 * Runs a command to its end, which comes with plimsoll's at the latest. The command is to read nothing.
 * @returns its exit code (null: killed, or never begun) and what it wrote to standard error
 */
export async function runGuarded(
  command: readonly [string, ...string[]],
  wishes: GuardedWishes,
): Promise<{ readonly code: number | null; readonly errors: string }> {
  const { workingDirectory, environment, interrupted, owner = {} } = wishes;
  if (interrupted?.aborted === true) return { code: null, errors: '' };
  const child = spawn('/bin/sh', ['-c', guard, 'plimsoll-guard', ...command], {
    ...owner,
    cwd: workingDirectory,
    env: { ...environment },
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.on('error', () => {}); // EPIPE: it has ended
  const end = (): void => {
    child.stdin.end();
  };
  interrupted?.addEventListener('abort', end);
  const drained = once(child.stderr, 'end');
  try {
    const [code]: unknown[] = await once(child, 'exit');
    await drained;
    return { code: typeof code === 'number' ? code : null, errors };
  } finally {
    interrupted?.removeEventListener('abort', end);
    child.stdin.destroy();
  }
}
