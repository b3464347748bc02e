import { randomBytes } from 'node:crypto';
import { link, open, readFile, readdir, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { processStat } from '../target/process-group.ts';
import { storeFailure } from './store-failure.ts';
import { UnreadableRun } from './unreadable-run.ts';

/** Keeps others from working in a folder, until it is released or its process is gone. */
export interface FolderLock {
  release(): Promise<void>;
}

const holderShape = z.object({
  processId: z.int().positive(),
  /** Where the process id means something: host and space of process ids. */
  machine: z.string(),
  /** Tells a process from a later one with the same id: this start of the kernel, and the process's own; null: not known. */
  began: z.string().nullable(),
});
type Holder = z.infer<typeof holderShape>;

const lockName = /^lock-(\d+)$/;

/**
 * Only one process at a time works in `folder`. `what` it is, such as "the sweep 20261121-…", for the message.
 *
 * The lock is the file `lock-n` with the highest n. A file is made by a link, which fails where the name is taken, so of
 * two that both find the holder dead one gets n + 1 and the other starts anew. One who is late, since a lower number has
 * become free meanwhile, sees the higher one when it looks again, and steps back.
 *
 * @throws UnreadableRun while another process works in it
 * @throws StoreFailure where the file cannot be made
 */
export async function lockFolder(folder: string, what: string): Promise<FolderLock> {
  const ours = await ownIdentity();
  const draft = join(folder, `lock-draft-${randomBytes(6).toString('hex')}`);
  try {
    await writeSynced(draft, `${JSON.stringify(ours)}\n`);
    for (;;) {
      const highest = (await locksOf(folder)).at(-1) ?? 0;
      await refuseWhereHeld(folder, highest, what, ours);
      const file = join(folder, `lock-${highest + 1}`);
      if (!(await linked(draft, file))) continue;
      if ((await locksOf(folder)).at(-1) !== highest + 1) {
        await rm(file, { force: true });
        continue;
      }
      for (const number of await locksOf(folder))
        if (number <= highest) await rm(join(folder, `lock-${number}`), { force: true });
      return { release: () => rm(file, { force: true }) };
    }
  } catch (error) {
    throw error instanceof UnreadableRun ? error : storeFailure(error, folder);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Numbers, rising. */
async function locksOf(folder: string): Promise<readonly number[]> {
  const numbers = (await readdir(folder)).flatMap((name) => Number(lockName.exec(name)?.[1] ?? Number.NaN));
  return numbers.filter((number) => Number.isSafeInteger(number)).toSorted((a, b) => a - b);
}

async function refuseWhereHeld(folder: string, number: number, what: string, ours: Holder): Promise<void> {
  const file = join(folder, `lock-${number}`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return;
  const holder = holderOf(text);
  // Not of plimsoll's making: nobody can say whether it still holds.
  if (holder === null)
    throw new UnreadableRun(`${what} is locked by ${file}, which plimsoll did not write`, 'delete that file');
  if (holder.machine !== ours.machine)
    throw new UnreadableRun(
      `${what} is in use by process ${holder.processId} on ${holder.machine}, or that ended without a word`,
      `if it runs no more, delete ${file}`,
    );
  if (await isAlive(holder))
    throw new UnreadableRun(
      `${what} is in use by process ${holder.processId}`,
      'wait until it ends, or interrupt it first; what it has measured is kept',
    );
}

function holderOf(text: string): Holder | null {
  try {
    return holderShape.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

async function isAlive({ processId, began }: Holder): Promise<boolean> {
  try {
    process.kill(processId, 0);
  } catch (error) {
    // Not permitted to signal it: so it is there.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  // A zombie was killed, and nobody has asked for its exit code yet.
  if ((await processStat(processId))?.state === 'Z') return false;
  const now = await beganAt(processId);
  return began === null || now === null || now === began;
}

async function ownIdentity(): Promise<Holder> {
  const space = await readlink('/proc/self/ns/pid').catch(() => '');
  return { processId: process.pid, machine: `${hostname()} ${space}`.trim(), began: await beganAt(process.pid) };
}

/** Null where there is no /proc. */
async function beganAt(processId: number): Promise<string | null> {
  const kernel = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  const found = await processStat(processId);
  return kernel === null || found === null ? null : `${kernel.trim()} ${found.beganAtTick}`;
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** False where the name is taken. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
