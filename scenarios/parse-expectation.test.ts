import test from 'ava';
import * as fc from 'fast-check';
import { UnitError } from '../model/units.ts';
import { parseExpectation } from './parse-expectation.ts';

test('codes, classes and a body are read', (t) => {
  t.deepEqual(parseExpectation('201,204'), { statuses: [201, 204], body: null });
  const classes = parseExpectation('2xx, 3xx').statuses;
  t.deepEqual([classes.length, classes[0], classes.at(-1)], [200, 200, 399]);
  t.deepEqual(parseExpectation('201,body~^{"id":\\d+,'), { statuses: [201], body: '^{"id":\\d+,' });
  t.deepEqual(parseExpectation('body~ok'), { statuses: [], body: 'ok' });
  t.deepEqual(parseExpectation(''), { statuses: [], body: null });
});

test('anything else is refused with a hint', (t) => {
  for (const text of ['200-299', '999', '6xx', 'ok', 'body~(', '201;204', 'status~201'])
    t.not(t.throws(() => parseExpectation(text), { instanceOf: UnitError }, text)?.hint, '');
});

test('whatever the text, it is read or refused', (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        const { statuses } = parseExpectation(text);
        t.true(statuses.every((status) => status >= 100 && status < 600));
      } catch (error) {
        t.true(error instanceof UnitError, String(error));
      }
    }),
    { seed: 21, numRuns: 2_000 },
  );
});
