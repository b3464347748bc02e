import test from 'ava';
import type { GrpcEndpoint } from '../../model/traffic.ts';
import { seconds } from '../../model/units.ts';
import { chooseCall } from './choose-call.ts';

const endpoint = (wishes: Partial<GrpcEndpoint>): GrpcEndpoint => ({
  name: 'get',
  weight: 1,
  method: 'a.B/Get',
  message: '{}',
  metadata: {},
  deadlineMs: seconds(1),
  expect: { codes: [], body: null },
  ...wishes,
});
const settings = { seed: 1, secret: (value: string) => value.replace(/^env:.*/, '{{secret}}') };

test('rows fill messages and metadata by iteration, whatever is in them', (t) => {
  const awkward = 'a "b" \\ \n {{c}}';
  const call = chooseCall(
    [endpoint({ message: '{"id":"{{ id }}","n":1}', metadata: { who: '{{id}}', authorization: 'env:TOKEN' } })],
    [{ id: '7' }, { id: awkward }],
    settings,
  );
  t.is(call(0).message, '{"id":"7","n":1}');
  t.deepEqual(JSON.parse(call(1).message), { id: awkward, n: 1 });
  t.deepEqual(call(3).metadata, { who: awkward, authorization: '{{secret}}' });
});

test('one that never changes is the same object, frozen', (t) => {
  const call = chooseCall([endpoint({})], [], settings);
  t.is(call(0), call(1));
  t.true(Object.isFrozen(call(0)));
});

test('endpoints come by weight', (t) => {
  const call = chooseCall([endpoint({ name: 'a', weight: 3 }), endpoint({ name: 'b' })], [], settings);
  const names = Array.from({ length: 1000 }, (_, iteration) => call(iteration).name);
  const share = names.filter((name) => name === 'a').length / names.length;
  t.true(share > 0.7 && share < 0.8, `${share}`);
});

test('a column that is not in the data is refused', (t) => {
  const message = '{"id":"{{id}}"}';
  t.throws(() => chooseCall([endpoint({ message })], [], settings), { message: /{{id}} but there is no data/ });
  t.throws(() => chooseCall([endpoint({ message })], [{ other: '' }], settings), { message: /missing in the data/ });
});
