import test from 'ava';
import { DueRequest } from './due-request.ts';
import { WaitingQueue } from './waiting-queue.ts';

const built = { endpoint: 0, bytes: '', isHead: false, expectation: { statuses: null, body: null } };
const request = (due: number): DueRequest => new DueRequest(due, 0, 0, built, -1, due);

test('first in, first out, through growth and wrap-around', (t) => {
  const queue = new WaitingQueue(1000);
  const out: (number | undefined)[] = [];
  let next = 0;
  for (let round = 0; round < 40; round++) {
    for (let n = 0; n < 25; n++) t.true(queue.push(request(next++)));
    for (let n = 0; n < 10; n++) out.push(queue.shift()?.due);
  }
  t.is(queue.length, 600);
  t.is(queue.peek()?.due, 400);
  while (queue.length > 0) out.push(queue.shift()?.due);
  t.deepEqual(
    out,
    Array.from({ length: 1000 }, (_, index) => index),
  );
  t.is(queue.shift(), undefined);
  t.is(queue.peek(), undefined);
});

test('a full queue takes no more', (t) => {
  const queue = new WaitingQueue(2);
  t.deepEqual(
    [1, 2, 3].map((due) => queue.push(request(due))),
    [true, true, false],
  );
  queue.shift();
  t.true(queue.push(request(4)));
  t.false(new WaitingQueue(0).push(request(1)));
});
