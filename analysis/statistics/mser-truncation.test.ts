import test from 'ava';
import reference from '../../fixtures/reference/mser.json' with { type: 'json' };
import { mserTruncation } from './mser-truncation.ts';

test('agrees with the NumPy transcription', (t) => {
  for (const { series, cut, settled } of reference.cases) t.deepEqual(mserTruncation(series), { cut, settled });
});

test('a transient of 100 values is cut near its end, a ramp never settles', (t) => {
  const cut = mserTruncation(reference.cases[0]?.series ?? [])?.cut ?? 0;
  t.true(cut >= 60 && cut <= 120, String(cut));
  t.false(mserTruncation(reference.cases.at(-1)?.series ?? [])?.settled);
});

test('too few values can’t tell', (t) => {
  t.is(mserTruncation(Array.from({ length: 49 }, () => 1)), null);
});
