import { readFileSync } from 'node:fs';
import test from 'ava';
import { limiterSignals } from '../analysis/analysis.ts';
import { validityReasons } from '../analysis/analyzers/validity-reasons.ts';
import { warningCodes } from '../analysis/analyzers/warn.ts';
import { collectorNames, failureKinds } from '../model/measurements.ts';
import { abortCodes } from '../model/run-record.ts';
import { sayAbort, sayCollector, sayFailure, sayLimiter, sayMeasure, sayValidity, sayWarning } from './wording.ts';

/** Some words are the code itself, since it is the plain word already. */
const plainWords = new Set(['goroutines', 'memory', 'warm-up', 'cool-down', 'interrupted', 'expvar', 'sockets']);

const planWarnings = [
  ...readFileSync(new URL('../docs/plan-warnings.md', import.meta.url), 'utf8').matchAll(/^\| `([^`]+)`/gm),
].map(([, code = '']) => code);

const vocabularies: readonly (readonly [string, readonly string[], (code: string) => string])[] = [
  ['limiter', limiterSignals, sayLimiter],
  ['failure', failureKinds, sayFailure],
  ['abort', abortCodes, sayAbort],
  ['validity reason', Object.keys(validityReasons), sayValidity],
  ['warning', warningCodes, sayWarning],
  ['planner’s warning', planWarnings, sayWarning],
  ['collector', [...collectorNames, 'pprof'], sayCollector],
];

for (const [name, codes, say] of vocabularies)
  test(`every code of a ${name} has words`, (t) => {
    t.true(codes.length > 3);
    t.deepEqual(
      codes.filter((code) => say(code) === code && !plainWords.has(code)),
      [],
    );
  });

test('every limiter says what is measured', (t) => {
  for (const signal of limiterSignals) t.not(sayMeasure(signal), '');
});

test('doubts that findings carry have words', (t) => {
  const text = readFileSync(new URL('../docs/warnings.md', import.meta.url), 'utf8');
  const [, own = ''] = text.split('Findings carry codes of their own:');
  const codes = [...own.matchAll(/`([a-z-]+)`/g)].map(([, code = '']) => code);
  t.true(codes.length >= 3);
  for (const code of codes) t.not(sayWarning(code), code);
});

test('an unknown code is shown as itself, also one named as a property of every object', (t) => {
  for (const code of ['brand-new', 'constructor', 'toString', '__proto__']) {
    t.is(sayLimiter(code), code);
    t.is(sayWarning(code), code);
  }
  t.is(sayMeasure('brand-new'), '');
});
