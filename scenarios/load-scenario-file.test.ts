import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { seededRandom } from '../model/random.ts';
import { loadScenarioFile } from './load-scenario-file.ts';
import { MisuseError } from './misuse.ts';

const folder = await mkdtemp(join(tmpdir(), 'plimsoll-scenario-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

const scenario = (traffic: string): string => `import { defineScenario } from 'plimsoll';
import { paths } from './paths.ts';
interface Unused { readonly a: number }
export default defineScenario({
  name: 'orders',
  target: 'http://127.0.0.1:8080',
  traffic: ${traffic},
  load: { stages: [{ hold: 10, for: '10s' }] },
});`;
const paths = `export const paths: readonly string[] = ['/menu', '/orders'];`;
const requests = `{ requests: (iteration: number) => ({ path: paths[iteration % 2] ?? '/' }) }`;

async function faultsOf(path: string): Promise<string> {
  try {
    await loadScenarioFile(path);
    return 'none';
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    return error.reasons.map(({ where, message }) => `${where}: ${message}`).join('\n');
  }
}

test('a TypeScript scenario that imports plimsoll and its neighbour is loaded without a build step', async (t) => {
  await file('plain/paths.ts', paths);
  const loaded = await loadScenarioFile(await file('plain/orders.ts', scenario(requests)));
  t.is(loaded.scenario.name, 'orders');
  t.is(loaded.folder, join(folder, 'plain'));
  t.deepEqual(loaded.requestsModule?.endpoints, ['GET /menu', 'GET /orders']);
  t.false(loaded.requestsModule?.hasPrepare);
});

test('the module of the requests runs on its own and gives what the scenario gives', async (t) => {
  await file('module/paths.ts', paths);
  const { requestsModule } = await loadScenarioFile(await file('module/orders.ts', scenario(requests)));
  const module = await file('module/requests.mjs', requestsModule?.code ?? '');
  const { requests: bundled }: Record<string, unknown> = await import(module);
  t.is(typeof bundled, 'function');
  if (typeof bundled === 'function') t.deepEqual(bundled(1, seededRandom(1), null), { path: '/orders' });
});

test('the hash is of what the scenario says, not of where it lies', async (t) => {
  const hashes: (string | undefined)[] = [];
  for (const place of ['here', 'there/deeper']) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other reads best
    await file(`${place}/paths.ts`, paths);
    // oxlint-disable-next-line no-await-in-loop
    const { requestsModule } = await loadScenarioFile(await file(`${place}/orders.ts`, scenario(requests)));
    hashes.push(requestsModule?.hash);
    t.false(requestsModule?.code.includes(folder));
  }
  t.is(hashes[0], hashes[1]);
  await file('changed/paths.ts', paths.replace('/menu', '/groups'));
  const { requestsModule } = await loadScenarioFile(await file('changed/orders.ts', scenario(requests)));
  t.not(requestsModule?.hash, hashes[0]);
});

test('bodies and rows are read relative to the scenario', async (t) => {
  await file('data/paths.ts', paths);
  await file('data/order.json', '{"groupId": {{group}}}');
  await file('data/groups.csv', 'group\n1\n2\n');
  const traffic = `{ endpoints: [{ path: '/orders', method: 'POST', body: '@order.json' }], data: 'groups.csv' }`;
  const loaded = await loadScenarioFile(await file('data/orders.ts', scenario(traffic)));
  t.like(loaded.scenario.traffic, { endpoints: [{ body: '{"groupId": {{group}}}' }] });
  t.deepEqual(loaded.rows, [{ group: '1' }, { group: '2' }]);
  t.is(loaded.requestsModule, null);
});

test('what cannot be loaded is said in one line, with its place and without a stack trace', async (t) => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['syntax.ts', 'const a = ;', /^syntax\.ts:1:11: Unexpected ";"$/],
    ['import.ts', `import 'nowhere';\nexport default 1;`, /^import\.ts:1:8: Could not resolve "nowhere"$/],
    ['default.ts', 'export const scenario = {};', /default\.ts has no default export$/],
    ['throws.ts', `throw new Error('no luck');`, /throws\.ts failed when it was loaded: no luck$/],
    [
      'object.ts',
      scenario(`{ endpoints: [{ path: '/', expect: { statuses: [201] } }] }`),
      /expect: an object has to be a text with its unit/,
    ],
    ['form.ts', 'export default { name: 5 };', /form\.ts: name: 5 has to be a text\n.*form\.ts: target: is missing/],
    ['body.ts', scenario(`{ endpoints: [{ path: '/', body: '@absent.json' }] }`), /cannot read .*absent\.json/],
    [
      'impure.ts',
      scenario(`{ requests: () => { throw new Error('tired'); } }`),
      /requests failed at iteration 0: tired/,
    ],
    [
      'pathless.ts',
      scenario(`{ requests: () => ({ url: '/' }) }`),
      /requests gave no path that begins with \/ at iteration 0/,
    ],
    [
      'nothing.ts',
      scenario(`{ requests: () => undefined }`),
      /requests gave no path that begins with \/ at iteration 0/,
    ],
  ];
  await file('bad/paths.ts', paths);
  for (const [name, text, expected] of cases) {
    // oxlint-disable-next-line no-await-in-loop
    const faults = await faultsOf(await file(`bad/${name}`, text));
    t.regex(faults, expected);
    t.notRegex(faults, /\n\s+at /);
  }
  t.regex(await faultsOf(join(folder, 'absent.ts')), /there is no file/);
});
