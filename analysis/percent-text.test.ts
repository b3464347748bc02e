import test from 'ava';
import { percentText } from './percent-text.ts';

test('a share in words, with a digit where it says something, and all only where it is all', (t) => {
  t.deepEqual([0, 0.005, 0.25, 0.9744, 0.9999, 1].map(percentText), [
    '0 %',
    '0.5 %',
    '25 %',
    '97.4 %',
    '99.9 %',
    '100 %',
  ]);
});
