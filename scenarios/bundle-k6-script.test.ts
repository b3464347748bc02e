import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { bundleK6Script } from './bundle-k6-script.ts';
import { MisuseError } from './misuse.ts';

const folder = await mkdtemp(join(tmpdir(), 'plimsoll-script-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

async function faultsOf(path: string): Promise<string[]> {
  try {
    await bundleK6Script(path);
    return [];
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    return error.reasons.map(({ where, message, hint }) => `${where}: ${message} → ${hint}`);
  }
}

const visit = `import http from 'k6/http';
import { group, sleep } from 'k6';
import { price } from './price';
import rows from './rows.json';
import { twice } from 'a-package';
interface Unused { readonly a: number }
export default function (): void { group('all', () => { http.get(twice(price(rows[0]))); sleep(1); }); }`;

async function whole(place: string, text = visit): Promise<string> {
  await file(
    `${place}/price.ts`,
    'enum Kind { One = 1 }\nexport const price = (row: number): number => row + Kind.One;',
  );
  await file(`${place}/rows.json`, '[1234567]');
  await file(`${place}/node_modules/a-package/package.json`, '{"name":"a-package","version":"1.0.0","main":"i.js"}');
  await file(`${place}/node_modules/a-package/i.js`, 'exports.twice = (a) => "from the package" + a;');
  return file(`${place}/visit.k6.ts`, text);
}

test('a script is bundled with files, JSON and packages; the modules of k6 stay imports, but for sleep', async (t) => {
  const { code, endpoints } = await bundleK6Script(await whole('whole'));
  t.deepEqual(endpoints, ['visit']);
  t.regex(code, /1234567/);
  t.regex(code, /from the package/);
  t.regex(code, /from "k6\/http"/);
  t.regex(code, /import \{[^}]*\bgroup\b[^}]*\} from "k6"/);
  t.regex(code, /import \{ sleep \} from "k6\/x\/plimsoll"/);
  t.notRegex(code, /import \{[^}]*\bsleep\b[^}]*\} from "k6"/);
});

test('the hash is of what the script says, not of where it lies', async (t) => {
  const first = await bundleK6Script(await whole('here'));
  const second = await bundleK6Script(await whole('there/deeper'));
  const other = await bundleK6Script(await whole('other', visit.replace('sleep(1)', 'sleep(2)')));
  t.is(first.hash, second.hash);
  t.not(first.hash, other.hash);
});

test('what k6 would read and plimsoll decides is refused, each with what to write instead', async (t) => {
  const faults = await faultsOf(
    await file(
      'exports.k6.ts',
      'export const options = { vus: 1 };\nexport function setup() {}\nexport const own = 1;\nfunction handleSummary() {}\nexport { handleSummary };',
    ),
  );
  t.is(faults.length, 4, faults.join('\n'));
  t.true(faults.some((fault) => /exports options.*→.*load and objectives of the scenario/.test(fault)));
  t.true(faults.some((fault) => /exports setup.*→.*inside the script/.test(fault)));
  t.true(faults.some((fault) => /exports handleSummary.*→/.test(fault)));
  t.true(faults.some((fault) => /exports\.k6\.ts: has no default export/.test(fault)));
});

test('a fault of syntax has its line; what cannot be imported says so', async (t) => {
  const [syntax = ''] = await faultsOf(await file('syntax.k6.ts', 'export default () => 1;\nconst = 2;\n'));
  t.regex(syntax, /^syntax\.k6\.ts:2:7: /);
  const [missing = ''] = await faultsOf(await file('a.k6.ts', "import './nowhere';\nexport default () => 1;"));
  t.regex(missing, /^a\.k6\.ts:1:8: .*nowhere/);
  const [node = ''] = await faultsOf(await file('b.k6.ts', "import 'node:fs';\nexport default () => 1;"));
  t.regex(node, /^b\.k6\.ts:1:8: .*node:fs/);
  const [fetched = ''] = await faultsOf(
    await file('c.k6.ts', "import 'https://jslib.k6.io/k6-utils/1.2.0/index.js';\nexport default () => 1;"),
  );
  t.regex(fetched, /^c\.k6\.ts:1:8: https:.*would be fetched.*→ put the file beside the script/);
  const [waits = ''] = await faultsOf(await file('d.k6.ts', 'const a = await 1;\nexport default () => a;'));
  t.regex(waits, /^d\.k6\.ts:1:11: Top-level await is not available/);
  const [none = ''] = await faultsOf(join(folder, 'none.k6.ts'));
  t.regex(none, /traffic\.k6Script: cannot read .*none\.k6\.ts: .*→ check the path/);
});
