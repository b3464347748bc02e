import { EventEmitter } from 'node:events';
import test from 'ava';
import Client from 'autocannon/lib/httpClient.js';
import { seconds } from '../../../model/units.ts';
import { selfTest } from './self-test.ts';

test.serial('the pinned autocannon passes', async (t) => {
  const { requests, serviceTimeP50Ms } = await selfTest('9.0.0');
  t.is(requests, 120);
  t.true((serviceTimeP50Ms ?? 0) >= 18);
});

test.serial('another release is refused by its number', async (t) => {
  await t.throwsAsync(selfTest('9.1.0'), { message: /self-test .* failed: its version is 9\.1\.0, not 9\.0\.0/ });
});

/* oxlint-disable no-underscore-dangle -- the names of autocannon's methods */
const changes: readonly (readonly [what: string, atResponse: (client: Client) => void])[] = [
  ['asks for work once too often', (client) => client._doRequest()],
  ['never asks for work again', (client) => (client._doRequest = () => undefined)],
];
/* oxlint-enable no-underscore-dangle */

for (const [what, atResponse] of changes)
  test.serial(`a client that ${what} is noticed`, async (t) => {
    class Changed extends EventEmitter {
      override emit(event: string, ...rest: unknown[]): boolean {
        if (event === 'response' && this instanceof Client) atResponse(this);
        return super.emit(event, ...rest);
      }
    }
    const prototype: unknown = Object.getPrototypeOf(Client.prototype);
    Object.setPrototypeOf(Client.prototype, Changed.prototype);
    try {
      await t.throwsAsync(selfTest('9.0.0', seconds(2)), {
        message: /^the self-test of the autocannon engine failed: /,
      });
    } finally {
      Reflect.setPrototypeOf(Client.prototype, typeof prototype === 'object' ? prototype : null);
    }
  });
