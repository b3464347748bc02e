import test from 'ava';
import * as fc from 'fast-check';
import { connectionShare, connectionUse } from './connection-share.ts';

const asked = { maxConnections: 100, reserved: 3, otherClients: 5, replicas: 4, maxSurge: 1 };

test('each instance has its part, those of an update among them, line by line', (t) => {
  const share = connectionShare(asked);
  t.deepEqual(share.arithmetic, [
    'free connections = 100 − 3 − 5 = 92',
    'instances = 4 + 1 = 5',
    'largest pool = ⌊92 / 5⌋ = 18 per instance',
  ]);
  t.is(connectionUse(18, share), 'connections of this service = 18 · 5 = 90 ≤ 92');
  t.is(connectionUse(19, share), 'connections of this service = 19 · 5 = 95 > 92');
});

test('nothing is left: no pool fits', (t) => {
  t.is(connectionShare({ ...asked, otherClients: 200 }).largestPool, 0);
  t.is(connectionShare({ ...asked, maxConnections: 12, otherClients: 5 }).largestPool, 0);
});

test('the largest pool fits, and one more does not', (t) => {
  const number = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(
      number,
      number,
      number,
      fc.integer({ min: 1, max: 50 }),
      number,
      (most, reserved, other, replicas, surge) => {
        const { largestPool, instances, free } = connectionShare({
          maxConnections: most,
          reserved,
          otherClients: other,
          replicas,
          maxSurge: surge,
        });
        const left = most - reserved - other;
        return free === Math.max(0, left) && largestPool * instances <= free && (largestPool + 1) * instances > left;
      },
    ),
    { seed: 2 },
  );
  t.pass();
});
