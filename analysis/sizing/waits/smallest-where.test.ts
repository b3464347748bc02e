import test from 'ava';
import * as fc from 'fast-check';
import { smallestWhere } from './smallest-where.ts';

test('from any start the same number as by counting', (t) => {
  const number = fc.integer({ min: 1, max: 500 });
  fc.assert(
    fc.property(number, number, number, number, (threshold, least, start, most) => {
      const counted = Array.from({ length: Math.max(0, most - least + 1) }, (_, index) => least + index).find(
        (value) => value >= threshold,
      );
      if (least > most) return true;
      const asked: number[] = [];
      const found = smallestWhere(
        (value) => {
          asked.push(value);
          return value >= threshold;
        },
        { least, start, most },
      );
      return found === (counted ?? null) && asked.every((value) => value >= least && value <= most);
    }),
    { seed: 1, numRuns: 2000 },
  );
  t.pass();
});
