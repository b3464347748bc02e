import test from 'ava';
import * as fc from 'fast-check';
import { shownStatement } from './shown-statement.ts';

test('what stands in quotes and comments is not shown', (t) => {
  for (const [text, shown] of [
    ['select * from orders where id = $1', 'select * from orders where id = $1'],
    ["alter role app password 'hunter2'", 'alter role app password $?'],
    ["select 'it''s', E'a\\'b', x", 'select $?, $?, x'],
    ["set search_path = 'cut off he", 'set search_path = $?'],
    ["comment on table t is 'ends with \\", 'comment on table t is $?'],
    ['do $$ secret $$', 'do $?'],
    ["do $body$ it's $$ secret $body$ language sql", 'do $? language sql'],
    ['select 1 -- secret\n, $1', 'select 1 , $1'],
    ["/* traceparent='00-secret' */ select $1 /* cut off", 'select $1'],
    ['select "it\'s" , "a""b"\n  from   t', 'select "it\'s" , "a""b" from t'],
    ["select '--' , '/*' , $1", 'select $? , $? , $1'],
    ['select $1$2', 'select $1$2'],
  ] as const)
    t.is(shownStatement(text), shown);
});

test('it is one line of 200 characters at most', (t) => {
  const shown = shownStatement(`select ${'a, '.repeat(500)} b`);
  t.is(shown.length, 200);
  t.true(shown.endsWith('…'));
});

test('no literal is shown, wherever it stands', (t) => {
  const piece = fc.constantFrom('select', '$1', '=', ' ', '\n', 'x', '"a"', '/* c */', '-- c\n', '(', ')', ',');
  const literal = fc.constantFrom("'SECRET'", "E'SE\\'CRET'", "'SEC''RET SECRET'", '$$SECRET$$', "$q$ ' SECRET $$ $q$");
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, literal), { maxLength: 20 }), (parts) => {
      const text = parts.map((part) => `${part} `).join('');
      t.notRegex(shownStatement(text), /SECRET|CRET/);
    }),
    { seed: 20_261_121, numRuns: 500 },
  );
});
