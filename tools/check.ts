// Everything static, in one go: lock file, types, lint, format.
import { spawnSync } from 'node:child_process';

const steps = [
  ['node', 'tools/lock-complete.ts'],
  ['tsc', '--noEmit'],
  ['oxlint', '--type-aware', '--deny-warnings'],
  ['oxfmt', '--check'],
] as const;
let failed = 0;
for (const [command, ...args] of steps) {
  console.log(`> ${[command, ...args].join(' ')}`);
  if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
