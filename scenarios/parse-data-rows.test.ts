import test from 'ava';
import * as fc from 'fast-check';
import { MisuseError } from './misuse.ts';
import { parseDataRows } from './parse-data-rows.ts';

test('a header and its rows, with or without quotes, LF or CRLF, with a byte order mark', (t) => {
  const rows = [
    { id: '1', name: 'tea, "green"\nhot' },
    { id: '2', name: '' },
  ];
  t.deepEqual(parseDataRows('a.csv', '\uFEFFid,name\r\n1,"tea, ""green""\nhot"\r\n2,\r\n'), rows);
  t.deepEqual(parseDataRows('a.csv', 'id,name\n1,"tea, ""green""\nhot"\n2,""'), rows);
});

test('JSON objects; numbers and booleans become texts', (t) => {
  t.deepEqual(parseDataRows('a.json', '[{"id": 1, "new": true}, {"id": "x", "new": false}]'), [
    { id: '1', new: 'true' },
    { id: 'x', new: 'false' },
  ]);
});

test('what is no table is refused with its place and a hint', (t) => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['a.csv', '', /empty|no rows/],
    ['a.csv', 'id\n', /no rows/],
    ['a.csv', 'id,name\n1\n', /^a\.csv:2: 1 field, but the header has 2$/],
    ['a.csv', 'id,name\n1,"a\nb"\n\n2,"c\r\n",3\n', /^a\.csv:5: 3 fields, but the header has 2$/],
    ['a.csv', 'id,id\n1,2\n', /^a\.csv:1: two columns are called "id"/],
    ['a.csv', 'id\n"1', /^a\.csv:2: a quote is never closed/],
    ['a.csv', 'id,name\n1,"2"x\n', /^a\.csv:2: .*after a closing quote/],
    ['a.json', '{', /not JSON/],
    ['a.json', '[{"id": {"deep": 1}}]', /^a\.json\[0\]: "id" is neither/],
    ['a.json', '[]', /no rows/],
  ];
  for (const [name, text, expected] of cases) {
    const error = t.throws(() => parseDataRows(name, text), { instanceOf: MisuseError });
    t.regex(error?.message ?? '', expected);
    for (const { hint } of error?.reasons ?? []) t.not(hint, '');
  }
});

test('every wrong row is one reason with its line; of a file that is wrong throughout the first ones', (t) => {
  const text = `id,name\n1\n2,b\n3,c,d\n`;
  const two = t.throws(() => parseDataRows('a.csv', text), { instanceOf: MisuseError });
  t.deepEqual(
    two?.reasons.map(({ where }) => where),
    ['a.csv:2', 'a.csv:4'],
  );
  const all = t.throws(() => parseDataRows('a.csv', `id,name\n${'1;x\n'.repeat(50)}`), { instanceOf: MisuseError });
  t.is(all?.reasons.length, 21);
  t.is(all?.reasons.at(-1)?.message, 'and 30 rows more');
});

const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', '1') });
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

test('what RFC 4180 writes is read back', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { minLength: 1 }), fc.constantFrom('\n', '\r\n'), (rows, end) => {
      const text = [['id', 'name'], ...rows].map((row) => row.map(quoted).join(',')).join(end);
      t.deepEqual(
        parseDataRows('a.csv', text),
        rows.map(([id, name]) => ({ id, name })),
      );
    }),
    { seed: 31, numRuns: 500 },
  );
});

test('whatever the text, it is read or refused', (t) => {
  fc.assert(
    fc.property(fc.constantFrom('a.csv', 'a.json'), fc.oneof(field, fc.string(), fc.json()), (name, text) => {
      try {
        t.true(parseDataRows(name, text).length > 0);
      } catch (error) {
        t.true(error instanceof MisuseError, String(error));
      }
    }),
    { seed: 32, numRuns: 2_000 },
  );
});
