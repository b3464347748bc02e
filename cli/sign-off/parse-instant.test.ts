import test from 'ava';
import { UnitError } from '../../model/units.ts';
import { parseDay, parseEnd, parseInstant } from './parse-instant.ts';

test('a day ends with itself, an instant when it says', (t) => {
  t.is(parseEnd('2026-12-31'), '2027-01-01T00:00:00.000Z');
  t.is(parseEnd('2028-02-28'), '2028-02-29T00:00:00.000Z');
  t.is(parseEnd('2026-12-31T18:00:00+02:00'), '2026-12-31T16:00:00.000Z');
  t.is(parseDay('2026-11-01'), '2026-11-01');
  t.is(parseInstant('2026-11-01T00:00Z'), '2026-11-01T00:00:00.000Z');
});

test('what is no day, and an instant without its time zone, are refused', (t) => {
  for (const text of ['', 'tomorrow', '2026-02-30', '2026-13-01', '26-01-01', '2026-11-01T00:00', '2026-11-01T25:00Z'])
    t.throws(() => parseEnd(text), { instanceOf: UnitError }, text);
  t.throws(() => parseDay('2026-11-01T00:00Z'), { instanceOf: UnitError });
});
