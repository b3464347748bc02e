import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { startProgram } from '../../fixtures/run-program.ts';

const folder = fileURLToPath(new URL('../../benchmarks', import.meta.url));
const bench = (...args: readonly string[]) =>
  startProgram([process.execPath, join(folder, 'main.ts'), ...args], { cwd: folder }).ended;

test('--help names every benchmark with its rough length, and those that are run only by name', async (t) => {
  const { code, out } = await bench('--help');
  t.is(code, 0);
  const texts = await Promise.all(
    (await readdir(folder)).filter((name) => name.endsWith('.ts')).map((name) => readFile(join(folder, name), 'utf8')),
  );
  const names = texts.flatMap((text) => /: Benchmark = \{\n  name: '([^']+)'/.exec(text)?.[1] ?? []);
  t.true(names.length > 10, 'the scan works');
  for (const name of names) t.regex(out, new RegExp(`^  ${name} +~[0-9]+ min  \\S`, 'm'), name);
  t.regex(out, /all are run\nbut [\w, -]*search-real/);
});

test('a name that does not exist runs nothing', async (t) => {
  const { code, err } = await bench('no-such');
  t.is(code, 2);
  t.regex(err, /^there is no benchmark no-such\nusage: /);
});
