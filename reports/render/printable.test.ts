import test from 'ava';
import { printable } from './printable.ts';

test('control characters and signs that turn the reading direction become visible', (t) => {
  t.is(printable('a\u0000b'), 'a⟨U+0000⟩b');
  t.is(printable('\u001B[2Jgone'), '⟨U+001B⟩[2Jgone');
  t.is(printable('abc\u202Etxt.exe'), 'abc⟨U+202E⟩txt.exe');
  t.is(printable('\uFEFFx\u200By'), '⟨U+FEFF⟩x⟨U+200B⟩y');
});

test('line ends and tabs are one blank, half a surrogate pair is replaced', (t) => {
  t.is(printable('a\r\n\tb'), 'a b');
  t.is(printable('x\uD800y'), 'x\uFFFDy');
});

test('plain text of any script stays', (t) => {
  for (const text of ['p99<200ms', 'Zürich', '東京', 'שלום', 'مرحبا', '🚢']) t.is(printable(text), text);
});
