import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An allocation of every 256 bytes of the type checker's tests: 1 MB of real stacks, deep and with recursion. */
export async function largeProfile(folder: string): Promise<string> {
  const file = join(folder, 'large.pb.gz');
  const profile = ['-memprofile', file, '-memprofilerate', '256', '-o', join(folder, 'test')];
  // `TestStdlib` does more, but is left out by -short and takes minutes without.
  const tests = ['-short', '-run', '^(TestCheck|TestSpec|TestExamples|TestFixedbugs)$'];
  await run('go', ['test', ...tests, ...profile, 'go/types'], {
    cwd: folder,
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  });
  return file;
}
