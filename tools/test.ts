// All tests: those that drive real load one file after another, since they would take each other for the service; the
// others two at a time. With files named, ava as it is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const args = process.argv.slice(2);
const quiet = ['model', 'scenarios', 'analysis', 'reports', 'cli', 'test/without-load'].map(
  (folder) => `${folder}/**/*.test.ts`,
);
const driving = ['runners/**/*.test.ts', 'test/*.test.ts'];

const calls = args.some((arg) => !arg.startsWith('-'))
  ? [args]
  : [
      [...args, '--concurrency=2', ...quiet],
      [...args, '--concurrency=1', ...driving],
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
