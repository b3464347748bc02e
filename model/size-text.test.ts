import test from 'ava';
import { sizeText } from './size-text.ts';
import { bytes, mebibytes } from './units.ts';

test('sizes in messages are for people', (t) => {
  t.is(sizeText(bytes(0)), '0 bytes');
  t.is(sizeText(bytes(300)), '300 bytes');
  t.is(sizeText(bytes(5_000)), '4.88 KiB');
  t.is(sizeText(mebibytes(200)), '200 MiB');
  t.is(sizeText(mebibytes(1_010)), '1010 MiB');
  t.is(sizeText(mebibytes(1_536)), '1.5 GiB');
  t.is(sizeText(mebibytes(3 * 1024 * 1024)), '3 TiB');
});
