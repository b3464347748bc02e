import test from 'ava';
import * as fc from 'fast-check';
import reference from '../../../fixtures/reference/queueing.json' with { type: 'json' };
import { relativeError } from '../../../fixtures/relative-error.ts';
import { erlangB } from './erlang-b.ts';
import { erlangC } from './erlang-c.ts';

test('loss and delay agree with SciPy, to 10,000 servers', (t) => {
  t.true(reference.erlang.length >= 10);
  for (const { servers, offeredErlangs, loss, wait } of reference.erlang) {
    t.true(relativeError(erlangB(servers, offeredErlangs), loss) < 1e-9, `B(${servers}, ${offeredErlangs})`);
    t.true(relativeError(erlangC(servers, offeredErlangs), wait) < 1e-9, `C(${servers}, ${offeredErlangs})`);
  }
});

test('the printed Erlang B table: its loads give the loss that they are listed under', (t) => {
  for (const { servers, loss, offeredErlangs } of reference.erlangTable)
    t.true(relativeError(erlangB(servers, offeredErlangs), loss) < 1e-3, `${servers} servers`);
});

test('shares stay shares, and more servers never make it worse', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 1e-6, max: 0.9999, noNaN: true }),
        (servers, rho) => {
          const offered = rho * servers;
          const loss = erlangB(servers, offered);
          const wait = erlangC(servers, offered);
          return (
            loss >= 0 &&
            loss <= wait &&
            wait <= 1 &&
            erlangB(servers + 1, offered) <= loss &&
            erlangC(servers + 1, offered) <= wait
          );
        },
      ),
      { seed: 11 },
    ),
  );
});

test('no load, no loss; no server, all is lost', (t) => {
  t.is(erlangB(5, 0), 0);
  t.is(erlangB(0, 3), 1);
  t.is(erlangC(1, 0.25), 0.25);
});

test('what has no steady state or makes no sense is refused', (t) => {
  t.throws(() => erlangC(2, 2), { instanceOf: RangeError, message: /without bound/ });
  t.throws(() => erlangC(0, 1), { instanceOf: RangeError });
  t.throws(() => erlangB(1.5, 1), { instanceOf: RangeError });
  t.throws(() => erlangB(1, -1), { instanceOf: RangeError });
  t.throws(() => erlangB(1, Number.NaN), { instanceOf: RangeError });
});
