import { readFileSync, readdirSync } from 'node:fs';
import test from 'ava';
import { limiterSignals } from '../analysis.ts';
import { validityReasons } from './validity-reasons.ts';
import { warningCodes } from './warn.ts';

const root = new URL('../../', import.meta.url);

/** First column of a page's table, as far as it is code. */
function codesIn(page: string): string[] {
  const text = readFileSync(new URL(`docs/${page}`, root), 'utf8');
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, code = '']) => code);
}

test('docs/validity-reasons.md lists the reasons of the code', (t) => {
  t.deepEqual(codesIn('validity-reasons.md'), Object.keys(validityReasons));
  const text = readFileSync(new URL('docs/validity-reasons.md', root), 'utf8');
  for (const [code, status] of Object.entries(validityReasons))
    t.regex(text, new RegExp(`\`${code}\` +\\| ${status} `));
});

test('docs/limiter-signals.md lists the signals of the code', (t) => {
  t.deepEqual(codesIn('limiter-signals.md').toSorted(), limiterSignals.toSorted());
});

test('docs/warnings.md lists the warnings of the code', (t) => {
  t.deepEqual(codesIn('warnings.md'), [...warningCodes]);
});

test('docs/findings.md lists the findings that the code can make', (t) => {
  const files = readdirSync(new URL('analysis/analyzers/findings/', root)).filter(
    (file) => !file.endsWith('.test.ts') && file !== 'make-finding.ts',
  );
  t.deepEqual(codesIn('findings.md').toSorted(), files.map((file) => file.replace('.ts', '')).toSorted());
});
