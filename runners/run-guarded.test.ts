import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { runGuarded } from './run-guarded.ts';
import { processStat } from './target/process-group.ts';

const here = { workingDirectory: tmpdir(), environment: process.env };

/** Writes its own process id and that of a child, then stays. */
const family = ['/bin/sh', '-c', 'sleep 600 & echo $$ $! >"$0.part" && mv "$0.part" "$0"; wait'] as const;

async function folder(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'plimsoll-guarded-'));
  t.teardown(() => rm(made, { recursive: true }));
  return made;
}

async function written(file: string): Promise<number[]> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) return text.trim().split(' ').map(Number);
    await pause(20);
  }
}

/** Ends with the test's own time-out where one of them stays. */
async function untilGone(processIds: readonly number[]): Promise<void> {
  for (const id of processIds)
    for (;;) {
      const stat = await processStat(id);
      if (stat === null || stat.state === 'Z') break;
      await pause(20);
    }
}

test('gives exit code and standard error, and hands the words over as they are', async (t) => {
  const result = await runGuarded(['/bin/sh', '-c', 'echo "$1" >&2; exit 7', 'sh', 'two  words; $HOME'], here);
  t.deepEqual(result, { code: 7, errors: 'two  words; $HOME\n' });
});

test('an interruption ends the command with its children', async (t) => {
  const file = join(await folder(t), 'ids');
  const interrupt = new AbortController();
  const ended = runGuarded([...family, file], { ...here, interrupted: interrupt.signal });
  const ids = await written(file);
  t.is(ids.length, 2);
  interrupt.abort();
  t.is((await ended).code, null);
  await untilGone(ids);
  t.is((await runGuarded(['/bin/sh', '-c', 'exit 0'], { ...here, interrupted: interrupt.signal })).code, null);
});

test('the end of plimsoll by SIGKILL ends the command with its children', async (t) => {
  const file = join(await folder(t), 'ids');
  const module = new URL('run-guarded.ts', import.meta.url).href;
  const command = JSON.stringify([...family, file]);
  const script = `import { runGuarded } from '${module}'; await runGuarded(${command}, { workingDirectory: '/', environment: process.env });`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  const ids = await written(file);
  for (const id of ids) t.not(await processStat(id), null);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await untilGone(ids);
});
