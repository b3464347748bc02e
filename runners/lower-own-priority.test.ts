import { execFile } from 'node:child_process';
import { getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { z } from 'zod';

/** Field 19 of proc_pid_stat(5) for each thread, in a process of its own: who has no privileges finds no way back. */
const program = `
  import { readFileSync, readdirSync } from 'node:fs';
  import { readFile } from 'node:fs/promises';
  import { lowerOwnPriority } from '${fileURLToPath(new URL('lower-own-priority.ts', import.meta.url))}';
  await readFile('/proc/self/stat'); // starts the threads that read files
  const niceness = () => readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync('/proc/self/task/' + thread + '/stat', 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
  const before = niceness();
  const restore = lowerOwnPriority();
  const low = niceness();
  restore();
  console.log(JSON.stringify({ before, low, after: niceness() }));
`;

const run = promisify(execFile);
const seen = z.object({ before: z.array(z.number()), low: z.array(z.number()), after: z.array(z.number()) });

async function mayGoBack(): Promise<boolean> {
  const attempt = `const os = require('node:os'); os.setPriority(19); os.setPriority(${getPriority()});`;
  return await run(process.execPath, ['--eval', attempt]).then(
    () => true,
    () => false,
  );
}

const linux = test.skipIf(process.platform !== 'linux');

linux('every thread of the process is lowered, also those that collect garbage and read files', async (t) => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program]);
  const { before, low, after } = seen.parse(JSON.parse(stdout));
  t.true(low.length > 4, stdout);
  t.deepEqual([...new Set(low)], [19]);
  t.deepEqual([...new Set(after)], (await mayGoBack()) ? [...new Set(before)] : [19]);
});
