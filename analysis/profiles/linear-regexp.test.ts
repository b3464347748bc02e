import test from 'ava';
import * as fc from 'fast-check';
import { InvalidRegexp, LinearRegexp } from './linear-regexp.ts';

const matches = (source: string, text: string): boolean => new LinearRegexp(source).matches(text);

test('what Go reads otherwise than JavaScript, or JavaScript not at all', (t) => {
  const cases: readonly (readonly [source: string, text: string, found: boolean])[] = [
    ['(?i)JSON', 'encoding/json.Unmarshal', true],
    ['a(?i)b|C', 'c', true],
    ['(a(?i)b)C', 'aBc', false],
    ['(?i:k)', '\u212A', true],
    ['(?i)[^k]', '\u212A', false],
    ['(?i)(?-i)K', 'k', false],
    ['(?s)a.b', 'a\nb', true],
    ['a.b', 'a\nb', false],
    ['^b$', 'a\nb', false],
    ['(?m)^b$', 'a\nb\nc', true],
    [String.raw`\Aruntime\.`, 'runtime.mallocgc', true],
    [String.raw`gc\z`, 'runtime.mallocgc', true],
    [String.raw`\Q(*shop).add\E$`, 'main.(*shop).add', true],
    [String.raw`\Q[...]`, 'main.mapped[...]', true],
    [String.raw`^\Qab\E+$`, 'abbb', true],
    ['(?P<name>main)', 'main.main', true],
    ['(?<name>main)', 'main.main', true],
    ['[[:alpha:]]+[[:^digit:]]', 'ab', true],
    ['^[[:punct:]]+$', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', true],
    [String.raw`\pL\PL`, 'µ1', true],
    [String.raw`\p{Greek}`, 'λ', true],
    [String.raw`\P{^Greek}`, 'λ', true],
    [String.raw`\p{^Greek}`, 'λ', false],
    [String.raw`\x{3bb}\x20\101`, 'λ A', true],
    [String.raw`\s`, '\v', false],
    [String.raw`[]a]`, ']', true],
    [String.raw`[^]a]`, 'a', false],
    [String.raw`[a-\x7a]`, 'm', true],
    [String.raw`[\w-z]`, '-', true],
    [String.raw`\bmain\b`, 'x.main.y', true],
    [String.raw`\Bain`, 'main', true],
    [String.raw`\w`, 'é', false],
    ['a{2,3}?b', 'aab', true],
    ['a{,3}', 'a{,3}', true],
    ['x{01}', 'x{01}', true],
    ['(|a)*b', 'aab', true],
    ['', '', true],
    ['𝛼{2}', '𝛼𝛼', true],
  ];
  for (const [source, text, found] of cases) t.is(matches(source, text), found, `${source} in ${text}`);
});

test('what Go refuses is refused with one line', (t) => {
  const refused = [
    'a**',
    '*a',
    '(?i)*',
    '(',
    ')',
    '[a',
    'a{1001}',
    'a{3,2}',
    '(?=a)',
    '(?<!a)b',
    String.raw`(a)\1`,
    String.raw`\8`,
    String.raw`\Z`,
    String.raw`\p{NoSuch}`,
    '[[:nosuch:]]',
    '[[:constructor:]]',
    '[b-a]',
    '\\',
    String.raw`\x{110000}`,
    '((((a{100}){100}){100}){100}){100}',
    '('.repeat(100_000),
  ];
  for (const source of refused) {
    const error = t.throws(() => new LinearRegexp(source), { instanceOf: InvalidRegexp }, source);
    t.notRegex(error?.message ?? '', /\n/);
  }
});

test('what takes JavaScript longer than anybody waits takes no time', (t) => {
  t.false(matches('^(a+)+$', `${'a'.repeat(5000)}b`));
  t.false(matches('(x+x+)+y', 'x'.repeat(5000)));
  t.true(matches('(a?){500}a{500}', 'a'.repeat(500)));
});

test('one that is not trusted ends after so many steps', (t) => {
  const expression = new LinearRegexp('(a|b)*c', 10_000);
  t.true(expression.matches('abc'));
  t.throws(() => expression.matches('ab'.repeat(10_000)), { instanceOf: InvalidRegexp });
});

/** Expressions that mean the same to both, over a small alphabet so that they often match. */
const { expression } = fc.letrec<{ expression: string; part: string }>((tie) => ({
  expression: fc.array(tie('part'), { maxLength: 4 }).map((parts) => parts.join('')),
  part: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', String.raw`\.`, '^', '$', String.raw`\b`, String.raw`\w`),
    fc
      .tuple(tie('expression'), fc.constantFrom('', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?'))
      .map(([inner, range]) => `(?:${inner})${range}`),
    fc.tuple(tie('expression'), tie('expression')).map(([one, other]) => `(${one}|${other})`),
  ),
}));

test('the same answer as JavaScript where both mean the same', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'A', ' '), maxLength: 6 });
  const seen = { found: 0, missed: 0 };
  fc.assert(
    fc.property(expression, text, fc.boolean(), (source, where, ignoreCase) => {
      const expected = new RegExp(source, ignoreCase ? 'iu' : 'u').test(where);
      t.is(matches(ignoreCase ? `(?i)${source}` : source, where), expected, `${source} in "${where}"`);
      seen[expected ? 'found' : 'missed']++;
    }),
    { seed: 20_261_121, numRuns: 2000 },
  );
  t.true(seen.found > 200 && seen.missed > 200, `${seen.found} found, ${seen.missed} missed: they do not tell`);
});

test('any text is an expression or refused', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab()[]{}*+?|^$.\\-,:12pPQEzxi'.split('')), maxLength: 12 }),
      (source) => {
        try {
          t.is(typeof matches(source, 'ab1'), 'boolean');
        } catch (error) {
          t.true(error instanceof InvalidRegexp, `${source}: ${String(error)}`);
        }
      },
    ),
    { seed: 20_261_121, numRuns: 3000 },
  );
});
