import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { startProgram } from '../../fixtures/run-program.ts';
import { seconds } from '../../model/units.ts';
import { packageRoot } from '../../runners/package-root.ts';

/*
 * The Go modules of the repository: what vet says of them, and their own tests. Go keeps what has passed, so this takes
 * seconds where no Go file has changed. Flags are those of the builds, so that nothing is compiled twice.
 */

const root = packageRoot();
const modules = globSync('{fixtures,runners}/**/go.mod', { cwd: root }).map((file) => dirname(file));

test('the modules are found', (t) => {
  t.true(modules.includes('runners/generators/k6/engine'));
  t.true(modules.includes('fixtures/services/group-buy'));
});

const checks = [['vet'], ['test', '-vet=off']] as const;

for (const directory of modules) {
  for (const check of checks) {
    test.serial(`go ${check.join(' ')} ./... in ${directory}`, async (t) => {
      t.timeout(seconds(300)); // k6 is compiled where nothing has built it before
      const { code, out, err } = await startProgram(['go', ...check, '-mod=readonly', '-trimpath', './...'], {
        cwd: join(root, directory),
        environment: { GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' },
      }).ended;
      if (code !== 0) t.log(out, err);
      t.is(code, 0);
    });
  }
}
