import test from 'ava';
import { alignDecimals } from './align-decimals.ts';

const blanks = { point: '_', digit: '.' };

test('points come to stand under one another', (t) => {
  t.deepEqual(alignDecimals(['3.10', '211', '1,197', '12.7', '–'], blanks), [
    '3.10',
    '211_..',
    '1,197_..',
    '12.7.',
    '–',
  ]);
});

test('signs of judgement do not matter, words and units stay', (t) => {
  t.deepEqual(alignDecimals(['✓ 0', '✗ 2.20', 'not judged', '3.5 MiB'], blanks), [
    '✓ 0_..',
    '✗ 2.20',
    'not judged',
    '3.5 MiB',
  ]);
});

test('whole numbers alone get no padding', (t) => {
  t.deepEqual(alignDecimals(['1', '22'], blanks), ['1', '22']);
});
