import test from 'ava';
import * as fc from 'fast-check';
import { UnitError } from '../model/units.ts';
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
    ['a.csv', 'id,name\n1\n', /row 1: 1 fields, but the header has 2/],
    ['a.csv', 'id,id\n1,2\n', /two columns called "id"/],
    ['a.csv', 'id\n"1', /never closed/],
    ['a.csv', 'id,name\n1,"2"x\n', /after a closing quote/],
    ['a.json', '{', /not JSON/],
    ['a.json', '[{"id": {"deep": 1}}]', /not a list of objects/],
    ['a.json', '[]', /no rows/],
  ];
  for (const [name, text, expected] of cases) {
    const error = t.throws(() => parseDataRows(name, text), { instanceOf: UnitError });
    t.regex(error?.message ?? '', expected);
    t.not(error?.hint, '');
  }
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
        t.true(error instanceof UnitError, String(error));
      }
    }),
    { seed: 32, numRuns: 2_000 },
  );
});
