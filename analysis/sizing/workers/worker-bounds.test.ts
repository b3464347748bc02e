import test from 'ava';
import { milliseconds } from '../../../model/units.ts';
import { lineWithin, workersOnCores } from './worker-bounds.ts';

test('workers that cores can run', (t) => {
  t.is(workersOnCores(2, milliseconds(40), milliseconds(5)), 16);
  t.is(workersOnCores(1, milliseconds(10), milliseconds(10)), 1);
  t.is(workersOnCores(0.5, milliseconds(10), milliseconds(10)), 1);
  // 1.1 × 3 / 1.1 is a little less than 3 in floating point.
  t.is(workersOnCores(1.1, milliseconds(3), milliseconds(1.1)), 3);
});

test('the line that is gone within the limit', (t) => {
  t.is(lineWithin(milliseconds(50), 16, milliseconds(40)), 20);
  t.is(lineWithin(milliseconds(1), 2, milliseconds(40)), 0);
});
