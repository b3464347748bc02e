import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { lockFolder } from './folder-lock.ts';
import { StoreFailure } from './store-failure.ts';
import { UnreadableRun } from './unreadable-run.ts';

async function emptyFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A process that takes the lock, says so, and stays until it is killed. */
async function holder(folder: string) {
  const program = `
    const { lockFolder } = await import(${JSON.stringify(new URL('folder-lock.ts', import.meta.url).href)});
    const said = await lockFolder(process.argv[1], 'it').then(() => 'held', (error) => error.name);
    process.stdout.write(said);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said]: unknown[] = await once(child.stdout, 'data');
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { said: String(said), processId: child.pid ?? 0, kill };
}

test('a folder is locked until the lock is released, and nothing stays behind', async (t) => {
  const folder = await emptyFolder(t);
  const lock = await lockFolder(folder, 'the sweep 1');
  const { message } = await t.throwsAsync(lockFolder(folder, 'the sweep 1'), { instanceOf: UnreadableRun });
  t.is(message, `the sweep 1 is in use by process ${process.pid}`);
  await lock.release();
  t.deepEqual(await readdir(folder), []);
  await (await lockFolder(folder, 'the sweep 1')).release();
});

test('a process that was killed holds no lock; one that lives does', async (t) => {
  const folder = await emptyFolder(t);
  const first = await holder(folder);
  t.teardown(first.kill);
  t.is(first.said, 'held');
  await t.throwsAsync(lockFolder(folder, 'it'), { message: `it is in use by process ${first.processId}` });
  await first.kill();
  const lock = await lockFolder(folder, 'it');
  t.deepEqual(await readdir(folder), ['lock-2']);
  await lock.release();
});

test('of several that find the holder dead exactly one gets the lock', async (t) => {
  const folder = await emptyFolder(t);
  const dead = await holder(folder);
  await dead.kill();
  const many = await Promise.all(Array.from({ length: 4 }, () => holder(folder)));
  t.teardown(async () => {
    for (const { kill } of many) await kill();
  });
  t.deepEqual(many.map(({ said }) => said).toSorted(), ['UnreadableRun', 'UnreadableRun', 'UnreadableRun', 'held']);
});

test('within a process, too, exactly one of many gets it', async (t) => {
  const folder = await emptyFolder(t);
  const tried = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder, 'it')));
  t.is(tried.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('a process id that is another process by now holds nothing', async (t) => {
  const folder = await emptyFolder(t);
  const lock = await lockFolder(folder, 'it');
  const file = join(folder, 'lock-1');
  const holding: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'));
  if (holding['began'] === null) {
    t.pass('only Linux tells when a process began');
    return;
  }
  await writeFile(file, JSON.stringify({ ...holding, began: 'another start' }));
  await t.notThrowsAsync(lockFolder(folder, 'it'));
  await lock.release();
});

test('what cannot be checked counts as held, and the file to delete is named', async (t) => {
  const folder = await emptyFolder(t);
  const file = join(folder, 'lock-7');
  await writeFile(file, JSON.stringify({ processId: 1, machine: 'elsewhere', began: null }));
  const far = await t.throwsAsync<UnreadableRun>(lockFolder(folder, 'it'), { message: /process 1 on elsewhere/ });
  t.is(far.hint, `if it runs no more, delete ${file}`);
  await writeFile(file, 'held by me');
  await t.throwsAsync(lockFolder(folder, 'it'), { message: /which plimsoll did not write/ });
  await t.throwsAsync(lockFolder(join(folder, 'none'), 'it'), { instanceOf: StoreFailure });
});
