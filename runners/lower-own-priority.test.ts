import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { z } from 'zod';

/** Field 19 of proc_pid_stat(5) for each thread, in a process of its own: there is no way back. */
const program = `
  import { readFileSync, readdirSync } from 'node:fs';
  import { readFile } from 'node:fs/promises';
  import { lowerOwnPriority } from '${fileURLToPath(new URL('lower-own-priority.ts', import.meta.url))}';
  await readFile('/proc/self/stat'); // starts the threads that read files
  lowerOwnPriority();
  const niceness = readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync('/proc/self/task/' + thread + '/stat', 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
  console.log(JSON.stringify(niceness));
`;

const linux = test.skipIf(process.platform !== 'linux');

linux('every thread of the process is lowered, also those that collect garbage and read files', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  const niceness = z.array(z.number()).parse(JSON.parse(stdout));
  t.true(niceness.length > 4, stdout);
  t.deepEqual([...new Set(niceness)], [19]);
});
