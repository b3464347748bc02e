import test from 'ava';
import * as fc from 'fast-check';
import { splitBatches } from './split-batches.ts';

test('batches are all the seconds in order, alike to one second, at most ten', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 100 }), (seconds) => {
      const batches = splitBatches(seconds);
      const lengths = batches.map((batch) => batch.length);
      return (
        JSON.stringify(batches.flat()) === JSON.stringify(seconds) &&
        batches.length === Math.min(10, seconds.length) &&
        (seconds.length === 0 || Math.max(...lengths) - Math.min(...lengths) <= 1)
      );
    }),
    { seed: 9 },
  );
  t.pass();
});
