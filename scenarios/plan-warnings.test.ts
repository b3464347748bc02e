import { readFileSync } from 'node:fs';
import test from 'ava';

/** First groups of all matches in a file beside this one, in alphabetical order. */
const codesIn = (path: string, pattern: RegExp): string[] =>
  [...readFileSync(new URL(path, import.meta.url), 'utf8').matchAll(pattern)]
    .map(([, code = '']) => code)
    .toSorted((a, b) => a.localeCompare(b));

test('docs/plan-warnings.md lists the codes of the planner', (t) => {
  const made = ['./plan-warnings.ts', './undecidable-objectives.ts']
    .flatMap((file) => codesIn(file, /code: '([^']+)'/g))
    .toSorted((a, b) => a.localeCompare(b));
  t.true(made.length > 3);
  t.deepEqual(codesIn('../docs/plan-warnings.md', /^\| `([^`]+)`/gm), made);
});
