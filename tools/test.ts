// All tests, two files at a time, then one at a time those that need the machine to themselves. With files named, ava as
// it is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';

const args = process.argv.slice(2);
const withoutLoad = ['model', 'scenarios', 'analysis', 'reports', 'cli', 'test/without-load'].map(
  (folder) => `${folder}/**/*.test.ts`,
);
const withLoad = ['runners/**/*.test.ts', 'test/*.test.ts'];

/**
 * What all others assert holds however late the machine is: counts, words, exit codes, what is left behind, and bounds
 * that a busy machine cannot cross. These hold a rate, a CPU time, a share of waiting or a deadline against what was asked
 * for; and the tests of an engine keep all processors busy by themselves, since they are all at work at once.
 */
const alone = globSync([
  'test/{generator,k6-generator,k6-stock,grpc-run,group-buy,database-run}.test.ts',
  'runners/{collectors,store}/**/*.test.ts',
]);
const besideOthers = globSync(withLoad).filter((file) => !alone.includes(file));

const calls = args.some((arg) => !arg.startsWith('-'))
  ? [args]
  : [
      [...args, '--concurrency=2', ...withoutLoad],
      [...args, '--concurrency=2', ...besideOthers],
      [...args, '--concurrency=1', ...alone],
    ];
let failed = 0;
for (const call of calls) {
  const ava = spawn('ava', call, { stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals): void => {
    ava.kill(signal);
    failed++;
  };
  // Ctrl-C reaches it by itself.
  process.on('SIGINT', () => failed++);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
  const [code]: unknown[] = await once(ava, 'exit');
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.removeAllListeners(signal);
  if (code !== 0) failed++;
  if (code === null || code === 130) break;
}
process.exitCode = failed === 0 ? 0 : 1;
