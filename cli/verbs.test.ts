import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every file that is loaded with this one: its imports and theirs, but neither types nor what is imported on the way. */
function loadedWith(entry: string): string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, what = '', name = ''] of text.matchAll(/^import\s+([^'"]*?)\s*(?:from\s*)?'(\.[^']+)';/gm))
      if (!what.startsWith('type ')) visit(join(dirname(path), name));
  };
  visit(join(root, entry));
  return [...seen].map((path) => relative(root, path));
}

test('help needs no verb, and a verb needs not the others', (t) => {
  const withMain = loadedWith('cli/main.ts');
  t.true(withMain.includes('cli/parse-arguments.ts'), 'the scan works');
  t.deepEqual(
    withMain.filter((path) =>
      /^(cli\/commands|analysis|reports|fixtures)\/|conduct-run|collectors|generators/.test(path),
    ),
    [],
  );
  const withReport = loadedWith('cli/commands/report.ts');
  t.true(withReport.includes('analysis/analyze.ts'), 'the scan works');
  t.deepEqual(
    withReport.filter((path) => /conduct-run|runners\/collectors|autocannon|k6|to-html|to-svg|fixtures/.test(path)),
    [],
  );
});
