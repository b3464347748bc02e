import test from 'ava';
import type { HttpRequest } from '../../model/traffic.ts';
import { keepUnchanging } from './keep-unchanging.ts';

const request = (name: string): HttpRequest => ({
  name,
  method: 'GET',
  path: '/',
  headers: {},
  body: null,
  expect: { statuses: [], body: null },
});

test('of a request that never changes it is made once a stage, of others each time', (t) => {
  const fixed = Object.freeze(request('fixed'));
  const made: string[] = [];
  const make = keepUnchanging(
    (iteration) => (iteration % 2 === 0 ? fixed : request(`${iteration}`)),
    ({ name }, stage, isKept) => {
      made.push(`${name} ${stage}${isKept ? ' kept' : ''}`);
      return { name, stage };
    },
  );
  const results = [0, 1, 2, 3, 4].map((iteration) => make(iteration, iteration < 4 ? 0 : 1));
  t.deepEqual(made, ['fixed 0 kept', '1 0', '3 0', 'fixed 1 kept']);
  t.is(results[0], results[2]);
  t.deepEqual(results.at(-1), { name: 'fixed', stage: 1 });
});
