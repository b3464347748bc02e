import test from 'ava';
import { assert, bigInt, integer, property, tuple } from 'fast-check';
import { UnitError } from '../../model/units.ts';
import {
  compare,
  dividedBy,
  exactText,
  exactly,
  nearestFloat,
  parseExact,
  parseExactRate,
  roundedDown,
  roundedUp,
  roundedUpTo,
  times,
} from './exact-number.ts';

test('decimals are what was written', (t) => {
  t.deepEqual(parseExact('0.9'), { over: 9n, under: 10n });
  t.deepEqual(parseExact('1.50'), { over: 3n, under: 2n });
  t.deepEqual(parseExact('2e3'), exactly(2000));
  t.deepEqual(parseExact('25e-2'), { over: 1n, under: 4n });
  for (const text of ['', 'x', '-1', '1.', '.5', '1e99', 'NaN', '0x10'])
    t.throws(() => parseExact(text), { instanceOf: UnitError }, text);
});

test('rates per minute and hour are exact, too', (t) => {
  t.deepEqual(parseExactRate('900/s'), exactly(900));
  t.deepEqual(parseExactRate(' 900 / s '), exactly(900));
  t.deepEqual(parseExactRate('900'), exactly(900));
  t.deepEqual(parseExactRate('100/m'), { over: 5n, under: 3n });
  t.deepEqual(parseExactRate('7200/h'), exactly(2));
  for (const text of ['900/d', 'fast', '-3/s']) t.throws(() => parseExactRate(text), { instanceOf: UnitError }, text);
});

test('text in full where it ends, cut and said where not', (t) => {
  t.is(exactText(parseExact('810')), '810');
  t.is(exactText(parseExact('0.05')), '0.05');
  t.is(exactText(dividedBy(exactly(12_000), exactly(810))), '14.8148…');
  t.is(exactText(dividedBy(exactly(1), exactly(1_000_000))), '0.0000…');
  t.is(exactText(roundedUpTo(dividedBy(exactly(4000), exactly(7)), 3), 3), '571.429');
  t.throws(() => dividedBy(exactly(1), exactly(0)), { instanceOf: RangeError });
});

test('what is a whole number after all is not rounded up, where floating numbers would', (t) => {
  // 0.7 · 3 is 2.0999999999999996 as a floating number, and 2.1 / that is above 1.
  t.true(2.1 / (0.7 * 3) > 1);
  t.is(roundedUp(dividedBy(parseExact('2.1'), times(parseExact('0.7'), exactly(3)))), 1n);
});

test('whole numbers of products and quotients, for any decimals', (t) => {
  const decimal = tuple(bigInt(1n, 10n ** 9n), integer({ min: 0, max: 6 }));
  assert(
    property(decimal, bigInt(1n, 10n ** 6n), ([digits, places], whole) => {
      const value = { over: digits, under: 10n ** BigInt(places) };
      const back = dividedBy(times(value, { over: whole, under: 1n }), value);
      t.deepEqual(back, { over: whole, under: 1n });
      t.is(roundedUp(back), roundedDown(back));
      t.is(compare(value, value), 0);
      t.true(Math.abs(nearestFloat(value) - Number(digits) / 10 ** places) <= 1e-9 * nearestFloat(value));
    }),
    { seed: 5, numRuns: 300 },
  );
});
