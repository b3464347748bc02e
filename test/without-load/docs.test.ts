import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import yargs from 'yargs';
import { type EndedProgram, startPlimsoll, startProgram } from '../../fixtures/run-program.ts';
import { exitCodes } from '../../cli/exit-codes.ts';
import { verbs } from '../../cli/verbs.ts';
import { failureKinds } from '../../model/measurements.ts';
import { abortCodes } from '../../model/run-record.ts';
import { CommandLines } from '../command-lines.ts';

/*
 * What the pages say is what the program does: every command line, scenario, link and list of codes in them is tried.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));

const pageNames = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].toSorted();

interface Block {
  /** What stands behind the fence; '' for an indented block. */
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

interface Page {
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Code within sentences and tables. */
  readonly spans: readonly string[];
  readonly prose: string;
}

function read(name: string): Page {
  const text = readFileSync(join(root, name), 'utf8');
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { language: string; lines: string[]; line: number; indented: boolean } | null = null;
  const close = (): void => {
    if (open !== null) blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
    open = null;
  };
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(\w*)$/.exec(line);
    if (open !== null && !open.indented) {
      if (fence !== null) close();
      else open.lines.push(line);
      continue;
    }
    // Below a list item deeper lines belong to the item; these pages have none with code.
    const indented = /^ {4}(.*)$/.exec(line);
    if (indented !== null && (open !== null || prose.at(-1) === '')) {
      open ??= { language: '', lines: [], line: index + 1, indented: true };
      open.lines.push(indented[1] ?? '');
      continue;
    }
    close();
    if (fence === null) prose.push(line);
    else open = { language: fence[1] ?? '', lines: [], line: index + 1, indented: false };
  }
  close();
  const sentences = prose.join('\n');
  const spans = [...sentences.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll('\n', ' '));
  return { name, text, blocks, spans, prose: sentences };
}

const pages = pageNames.map(read);
const page = (name: string): Page => pages.find((each) => each.name === name) ?? read(name);

test('the pages are found, with their blocks', (t) => {
  t.true(pages.length > 10);
  t.true(pages.flatMap(({ blocks }) => blocks).length > 10);
  t.true(page('docs/run-a-url.md').blocks.some(({ language }) => language === ''));
});

/** Words as a shell would make them: quotes, comments. */
function words(line: string): string[] {
  const found: string[] = [];
  for (const [, double, single, plain, comment] of line.matchAll(/"([^"]*)"|'([^']*)'|([^\s'"#][^\s'"]*)|(#.*)/g)) {
    if (comment !== undefined) break;
    found.push(double ?? single ?? plain ?? '');
  }
  return found;
}

interface CommandLine {
  readonly text: string;
  /** Without `plimsoll`. */
  readonly args: readonly string[];
}

/** Command lines of the blocks, and of the sentences where they are whole. */
function commandLines({ blocks, spans }: Page): CommandLine[] {
  const fromBlocks = blocks
    .filter(({ language }) => language === 'sh' || language === '')
    .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, '').split('\n'));
  return [...fromBlocks, ...spans].flatMap((line) => {
    // Behind several blanks stands what it does.
    const text = line.trim().replace(/ {2,}\S.*$/, '');
    const [, script, rest = ''] = /^(?:npm run (?:--silent )?(\w+)(?: --)?|plimsoll)(?: (.+))?$/.exec(text) ?? [];
    if (!/^(plimsoll|npm run (--silent )?(plimsoll|demo))( |$)/.test(text) || /…|VERB|(--|plimsoll)$/.test(text))
      return [];
    return [{ text, args: [...(script === 'demo' ? ['demo'] : []), ...words(rest)] }];
  });
}

const program = new CommandLines({ TOKEN: 'a-token', DATABASE_URL: 'postgres://reader@127.0.0.1/shop' });
test.after.always(() => program.end());

const plimsoll = (args: readonly string[], cwd: string): Promise<EndedProgram> => program.run(args, cwd);

interface ScenarioText {
  readonly page: string;
  /** As the page's command lines call it. */
  readonly file: string;
  readonly text: string;
  /** A part of a scenario, put into a whole one. */
  readonly part: boolean;
}

/** The name that stands in the first line of a k6 script; null for all else. */
const scriptName = (text: string): string | null => /^\/\/ ([\w-]+\.k6\.ts)\n/.exec(text)?.[1] ?? null;

/** `ts` blocks: a whole scenario is saved under its name; a part is put where it belongs in one. */
function scenarioTexts({ name, blocks }: Page): ScenarioText[] {
  const requests = "requests: () => ({ name: 'menu', path: '/menu' })";
  return blocks
    .filter(({ language, text }) => language === 'ts' && scriptName(text) === null)
    .map(({ text, line }) => {
      const whole = /^ {2}name: '([^']+)'/m.exec(text);
      if (whole !== null && text.includes('defineScenario('))
        return { page: name, file: `${whole[1]}.ts`, text, part: false };
      const rest = text.startsWith('requests:') ? `traffic: {\n${text}\n},` : `traffic: { ${requests} },\n${text}`;
      const around = `import { defineScenario } from 'plimsoll';
export default defineScenario({
name: 'part', target: 'http://127.0.0.1:8080', load: { stages: [{ hold: 1, for: '5s' }] },
${rest}
});
`;
      return { page: name, file: `part-${line}.ts`, text: around, part: true };
    });
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  return folder;
}

/** A folder like the reader's: the page's scenarios, and the files that its command lines mention. */
async function folderOf(t: ExecutionContext, { name }: Page): Promise<string> {
  const folder = await emptyFolder();
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const { file, text } of scenarioTexts(page(name))) await writeFile(join(folder, file), text);
  for (const { text } of page(name).blocks) {
    const script = scriptName(text);
    if (script !== null) await writeFile(join(folder, script), text);
  }
  for (const { text } of page(name).blocks.filter(
    (block) => block.language === 'json' && block.text.includes('"stations"'),
  ))
    await writeFile(join(folder, 'network.json'), text);
  for (const { text } of page(name).blocks.filter(({ language }) => language === 'csv'))
    await writeFile(join(folder, 'stages.csv'), text);
  for (const profile of commandLines(page(name)).flatMap(({ args }) => args.filter((word) => word.endsWith('.pb.gz'))))
    await cp(
      join(root, 'fixtures/captures', profile.startsWith('heap') ? 'heap-idle.pb.gz' : 'cpu-loaded.pb.gz'),
      join(folder, profile),
    );
  for (const { text } of page(name).blocks.filter(({ language }) => language === 'yaml')) {
    const [, file] = /^# ([\w-]+\.yml)\n/.exec(text) ?? [];
    if (file !== undefined) await writeFile(join(folder, file), text);
  }
  const runs = 'p99,cpu\n101.2,9.7\n99.8,9.9\n100.4,9.8\n102.0,9.6\n100.9,9.8\n';
  for (const arm of ['base.csv', 'candidate.csv']) await writeFile(join(folder, arm), runs);
  await writeFile(join(folder, 'p99.csv'), '101.2\n99.8\n100.4\n\n102.0\n');
  await writeFile(join(folder, 'order.json'), '{"groupId": 1}');
  await writeFile(join(folder, 'policy.yaml'), 'policy: any\nobjectives: [p99<1s]\n');
  await writeFile(join(folder, 'FILE'), 'a body');
  await writeFile(join(folder, 'FILE.csv'), 'column\none\n');
  await writeFile(join(folder, 'FILE.json'), '[{"column": "one"}]');
  await writeFile(join(folder, 'FILE.jsonl'), '{"path": "/menu"}\n');
  return folder;
}

/** What `plimsoll VERB --help` lists of its own. */
async function listed(verb: string): Promise<string> {
  const [first, ...rest] = verb.split(' ');
  const command = await verbs.find(({ name }) => name === first)?.load([first ?? '', ...rest]);
  return command === undefined ? '' : await command.flags(yargs([])).getHelp();
}

/** The help writes an option as it is declared; on the command line both forms count. */
const lists = (help: string, flag: string): boolean => {
  const name = flag.replace(/^--(no-)?/, '');
  const camel = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new RegExp(`^\\s+--(${name}|${camel})\\s`, 'm').test(help);
};

for (const each of pages) {
  const lines = commandLines(each);
  if (lines.length > 0)
    test(`${each.name}: its command lines are understood`, async (t) => {
      const folder = await folderOf(t, each);
      const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.teardown(() => server.close());
      const address = server.address();
      const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
      const saved = join(root, 'fixtures/records/format-1');
      await cp(saved, join(folder, '.plimsoll/runs'), { recursive: true });
      for (const { text, args } of lines) {
        const [verb = '', ...rest] = args;
        const filled = rest.map((word) => (word === 'URL' ? url : word));
        switch (verb) {
          case 'run':
          case 'plan': {
            const { code, err } = await plimsoll(['plan', ...filled], folder);
            t.is(code, 0, `${text}\n${err}`);
            break;
          }
          case 'search':
          case 'sweep': {
            // These take minutes: a flag that is wrong has everything else that is wrong said beside it.
            const { code, err } = await plimsoll([verb, ...filled, '--no-such-flag'], folder);
            t.is(code, exitCodes.misuse);
            t.regex(err, /^plimsoll: --no-such-flag.*\n$/, text);
            break;
          }
          case 'doctor':
          case 'queue':
          case 'fit':
          case 'size':
          case 'whatif':
          case 'analyze':
          case 'gate':
          case 'signoff':
          case 'report': {
            const { code, err } = await plimsoll([verb, ...filled], folder);
            t.true(code !== null && code !== exitCodes.misuse && code !== exitCodes.bug, `${text}\n${err}`);
            break;
          }
          case 'compare':
          case 'history': {
            const { code, err } = await plimsoll([verb, ...filled], folder);
            t.is(code, exitCodes.done, `${text}\n${err}`);
            break;
          }
          case 'profile': {
            // The saved run holds no profiles.
            const isOfRun = args.includes('--stage');
            const { code, err } = await plimsoll([verb, ...filled], folder);
            if (isOfRun) t.regex(err, /has no cpu profile of stage 0/, text);
            else t.is(code, rest[0] === 'cost' ? exitCodes.inconclusive : exitCodes.done, `${text}\n${err}`);
            break;
          }
          case 'demo': {
            const help = await listed('demo');
            t.not(help, '');
            for (const flag of rest) t.true(lists(help, flag), text);
            break;
          }
          default:
            t.fail(`${text}: no such verb`);
        }
      }
    });
}

test('the pages have command lines of the main verbs', (t) => {
  const named = new Set(pages.flatMap(commandLines).map(({ args }) => args[0]));
  for (const verb of ['run', 'search', 'plan', 'doctor', 'demo']) t.true(named.has(verb), verb);
});

test('flags that sentences and tables mention exist, and their values are understood', async (t) => {
  const helps = await Promise.all([
    startPlimsoll(['run', '--help']).ended.then(({ out }) => out),
    ...[
      'search',
      'sweep',
      'plan',
      'doctor',
      'analyze',
      'report',
      'demo',
      'queue',
      'fit',
      'size replicas',
      'whatif',
      'profile top',
      'profile cost',
      'size pool',
      'size gc',
      'size workers',
      'size client',
      'compare',
      'history changes',
      'signoff make',
      'signoff verify',
      'signoff key',
      'history add',
      'history list',
      'gate',
    ].map(listed),
  ]);
  const mentioned = new Map<string, string>();
  for (const each of pages) {
    const inBlocks = each.blocks.filter(({ language }) => language === '').flatMap(({ text }) => text.split('\n'));
    for (const text of [...each.spans, ...inBlocks])
      if (/^--[a-z]/.test(text) && !text.includes('…')) mentioned.set(text, each.name);
  }
  t.true(mentioned.size > 15);
  const folder = await folderOf(t, page('docs/run-a-url.md'));
  for (const [text, where] of mentioned) {
    const [flag = '', ...values] = words(text);
    if (values.length === 0) {
      t.true(
        helps.some((help) => lists(help, flag)),
        `${where}: ${text}`,
      );
      continue;
    }
    const load = /--(rate|users) /.test(text) ? [] : ['--rate', '200'];
    const filled = words(text).map((word) => (word === 'N' ? '8' : word));
    const { code, err } = await plimsoll(['plan', 'http://127.0.0.1:8080/menu', ...load, ...filled], folder);
    t.is(code, 0, `${where}: ${text}\n${err}`);
  }
});

test('a flag that does not exist is noticed by these very tests', async (t) => {
  const { code } = await plimsoll(['plan', 'http://127.0.0.1:8080/', '--rate', '1', '--no-such-flag', '1'], root);
  t.is(code, exitCodes.misuse);
  t.false(lists(await listed('run'), '--no-such-flag'));
});

/** One project with the scenarios of each page in a folder of its own, and a scenario with a mistake. */
const project = emptyFolder();
test.after.always(async () => rm(await project, { recursive: true, force: true }));

const compile = (folder: string): Promise<EndedProgram> =>
  startProgram([process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '--project', folder], { cwd: folder })
    .ended;

/** What the compiler says of that project; as strict as this repository, but for parameters that are there to be shown. */
const compiled = (async (): Promise<EndedProgram> => {
  const folder = await project;
  const put = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  for (const { page: name, file, text } of pages.flatMap(scenarioTexts)) await put(join(name, file), text);
  const [scenario] = scenarioTexts(page('README.md'));
  await put('mistake/wrong.ts', scenario?.text.replace('objectives:', 'objectivs:') ?? '');
  const compilerOptions = {
    noUnusedParameters: false,
    paths: { plimsoll: [join(root, 'index.ts')] },
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['**/*.ts'], exclude: [] };
  await put('tsconfig.json', JSON.stringify(config));
  return await compile(folder);
})();

test('the scenarios of the pages have right types, and a mistake in one would be noticed', async (t) => {
  const { code, out } = await compiled;
  t.not(code, 0);
  const faults = out.split('\n').filter((line) => /^\S/.test(line));
  t.deepEqual(
    faults.filter((line) => !line.startsWith('mistake/wrong.ts(')),
    [],
  );
  t.regex(faults.join('\n'), /objectivs/);
});

for (const each of pages) {
  const scenarios = scenarioTexts(each);
  if (scenarios.length > 0)
    test(`${each.name}: its scenarios can be planned`, async (t) => {
      const folder = await folderOf(t, each);
      for (const { file } of scenarios) {
        const planned = await plimsoll(['plan', file, '--json'], folder);
        t.is(planned.code, 0, `${file}\n${planned.err}`);
        const plan: unknown = JSON.parse(planned.out);
        t.like(plan, { schema: 'plimsoll/plan/1' });
      }
    });
}

test('k6 scripts of the pages have right types under the tsconfig of their page', async (t) => {
  const each = page('docs/k6-scripts.md');
  const folder = await folderOf(t, each);
  const config = each.blocks.find(({ language, text }) => language === 'json' && text.includes('"include"'));
  const { compilerOptions, include }: { compilerOptions: object; include: unknown } = JSON.parse(config?.text ?? '');
  // As installed there.
  const typeRoots = [join(root, 'node_modules/@types')];
  const paths = { 'k6/*': [join(root, 'node_modules/@types/k6/*')], k6: [join(root, 'node_modules/@types/k6')] };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, typeRoots, paths }, include }),
  );
  await writeFile(join(folder, 'wrong.k6.ts'), "import http from 'k6/http';\nexport default () => http.fetch('x');\n");
  const { code, out } = await compile(folder);
  t.not(code, 0);
  const faults = out.split('\n').filter((line) => /^\S/.test(line));
  t.true(faults.length > 0);
  t.deepEqual(
    faults.filter((line) => !line.startsWith('wrong.k6.ts(')),
    [],
  );
});

test('README.md and docs/write-a-scenario.md show whole scenarios', (t) => {
  for (const name of ['README.md', 'docs/write-a-scenario.md'])
    t.true(
      scenarioTexts(page(name)).some(({ part }) => !part),
      name,
    );
});

test('JSON in the pages is JSON', (t) => {
  for (const { name, blocks } of pages)
    for (const { language, text, line } of blocks)
      if (language === 'json') t.notThrows(() => JSON.parse(text), `${name}:${line}`);
});

/** As the forge makes them from headings. */
const anchors = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

test('every relative link leads somewhere', (t) => {
  let links = 0;
  for (const { name, prose } of pages)
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      links++;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, name) : resolve(root, dirname(name), path);
      t.true(existsSync(file), `${name}: ${target}`);
      if (anchor !== undefined && existsSync(file))
        t.true(anchors(readFileSync(file, 'utf8')).has(anchor), `${name}: ${target}`);
    }
  t.true(links > 10);
});

test('every page of docs/ can be reached from the README', (t) => {
  const reached = new Set<string>();
  const follow = (name: string): void => {
    if (reached.has(name) || !pageNames.includes(name)) return;
    reached.add(name);
    for (const [, target = ''] of page(name).prose.matchAll(/\]\(([^)\s#]+)/g)) follow(join(dirname(name), target));
  };
  follow('README.md');
  t.deepEqual(
    pageNames.filter((name) => !reached.has(name)),
    [],
  );
});

test('npm scripts that the pages name exist', (t) => {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  const names = pages.flatMap(({ text }) =>
    [...text.matchAll(/\bnpm run (?:--silent )?([\w-]+)/g)].map(([, name]) => name),
  );
  t.true(names.includes('demo'));
  for (const name of new Set(names)) t.regex(manifest, new RegExp(`^ {4}"${name}": `, 'm'), name);
});

/** First cells of a page's table rows that are code, in order. */
const codeCells = (name: string): string[] =>
  [...page(name).prose.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);

test('docs/exit-codes.md lists the exit codes', (t) => {
  const rows = [...page('docs/exit-codes.md').prose.matchAll(/^\| (\d+) +\| (\w+) +\|/gm)];
  t.deepEqual(
    rows.map(([, code, name]) => [name, Number(code)]),
    Object.entries(exitCodes),
  );
});

test('docs/failure-kinds.md lists the kinds of failure', (t) => {
  t.deepEqual(codeCells('docs/failure-kinds.md'), [...failureKinds]);
});

test('docs/abort-rules.md lists the codes of aborted runs', (t) => {
  t.deepEqual(codeCells('docs/abort-rules.md'), [...abortCodes]);
});

test('CONTRIBUTING.md maps the folders there are', (t) => {
  const mapped = codeCells('CONTRIBUTING.md').map((cell) => cell.replace(/\/$/, ''));
  const made = new Set(['node_modules', 'dist']);
  const there = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !made.has(entry.name))
    .map(({ name }) => name);
  t.deepEqual(mapped.toSorted(), there.toSorted());
});

test('files that the pages name exist', (t) => {
  // The shape to come stands in docs/architecture.md, too.
  for (const { name, spans } of pages.filter((each) => each.name !== 'docs/architecture.md'))
    for (const span of spans)
      if (/^(model|scenarios|runners|analysis|reports|cli|fixtures|test|benchmarks|docs|tools)\/[\w./-]*$/.test(span))
        t.true(existsSync(join(root, span)), `${name}: ${span}`);
});
