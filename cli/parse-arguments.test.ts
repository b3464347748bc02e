import test from 'ava';
import { parseArguments } from './parse-arguments.ts';
import { verbs } from './verbs.ts';

const linesOf = async (...args: string[]): Promise<string[]> =>
  (await parseArguments(args, 80)).faults.map(
    ({ where, message, hint }) => `${where === '' ? '' : `${where}: `}${message} (${hint})`,
  );

const argsOf = (example: string): string[] =>
  [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

test('flags and positionals of a verb, in any order; a list takes one value each time', async (t) => {
  const args = [
    '--runs',
    'r',
    'run',
    '--metrics',
    'http://a/1',
    '--metrics',
    'http://b/2',
    'http://c',
    '--warm-up',
    '0s',
  ];
  const { command, flags, faults, complete } = await parseArguments(args, 80);
  t.deepEqual(faults, []);
  t.true(complete);
  t.truthy(command);
  t.like(flags, { scenario: 'http://c', metrics: ['http://a/1', 'http://b/2'], warmUp: '0s', runs: 'r', hold: '20s' });
});

test('the value of a flag may be the name of a verb', async (t) => {
  const { flags, faults } = await parseArguments(['--runs', 'demo', 'report', 'last'], 80);
  t.deepEqual(faults, []);
  t.like(flags, { runs: 'demo', run: 'last' });
});

test('all that is wrong with the form comes at once, each with a way out', async (t) => {
  t.deepEqual(await linesOf('report', '--format', 'pdf', '--ot', 'x', '--seed', 'some'), [
    'report needs <run> (write plimsoll report last --format md --out report.md)',
    '--ot: there is no such flag (did you mean --out?)',
    '--seed: "some" is not a number (write --seed 20)',
    '--format: "pdf" is not one of html, md, json, junit, svg, terminal (write one of html, md, json, junit, svg, terminal)',
  ]);
  t.deepEqual(await linesOf('plan', 'a.ts', 'b.ts'), [
    '"b.ts" is one argument too many (quote a value with spaces in it)',
  ]);
});

test('a verb that is missing or unknown', async (t) => {
  t.deepEqual(await linesOf('anlyze', 'last'), ['"anlyze" is no verb (did you mean analyze?)']);
  t.deepEqual(await linesOf('http://127.0.0.1:1/x'), [
    '"http://127.0.0.1:1/x" is no verb (write plimsoll run http://127.0.0.1:1/x --rate 200)',
  ]);
  const [none, flag] = await linesOf('--jsn');
  t.regex(none ?? '', /^no verb is given \(the verbs are demo, run, /);
  t.is(flag, '--jsn: there is no such flag (did you mean --json?)');
});

test('every verb says what it does and has examples that it understands', async (t) => {
  for (const { name, load } of verbs) {
    const { examples } = await load([name]);
    t.true(examples.length > 0, name);
    // Of a verb whose flags depend on the word after it, each word has examples of its own.
    const own = await Promise.all(examples.map(async ([example]) => (await load(argsOf(example))).examples));
    for (const [example] of [...examples, ...own.flat()]) t.deepEqual(await linesOf(...argsOf(example)), [], example);
  }
});
