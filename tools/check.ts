// Everything static, in one go: lock file, types, lint, format.
import { spawnSync } from 'node:child_process';

const steps = [
  ['node', 'tools/lock-complete.ts'],
  ['tsc', '--noEmit'],
  // k6 is not Node: its scripts are checked against what k6 has.
  ['tsc', '--project', 'fixtures/k6-scripts'],
  // Nor is a reader's browser.
  ['tsc', '--project', 'reports/page'],
  ['oxlint', '--type-aware', '--deny-warnings'],
  ['oxfmt', '--check'],
] as const;
let failed = 0;
for (const [command, ...args] of steps) {
  console.log(`> ${[command, ...args].join(' ')}`);
  if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
