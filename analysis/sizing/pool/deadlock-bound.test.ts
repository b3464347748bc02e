import test from 'ava';
import * as fc from 'fast-check';
import { deadlockBound } from './deadlock-bound.ts';

test('the examples of its source', (t) => {
  t.is(deadlockBound(4, 3), 9);
  t.is(deadlockBound(3, 4), 10);
  t.is(deadlockBound(8, 3), 17);
  t.is(deadlockBound(8, 1), null);
});

test('with one fewer every request can hold all but its last connection, with the bound one has all', (t) => {
  const number = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(
      number,
      number.filter((each) => each > 1),
      (requests, held) => {
        const bound = deadlockBound(requests, held) ?? 0;
        const stuck = requests * (held - 1);
        return bound - 1 === stuck && bound > stuck;
      },
    ),
    { seed: 1 },
  );
  t.pass();
});
