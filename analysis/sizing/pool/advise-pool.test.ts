import test from 'ava';
import { measureClosedDatabase } from '../../../fixtures/closed-database.ts';
import type { PoolCell } from '../../../model/pool-decision.ts';
import { milliseconds } from '../../../model/units.ts';
import { advisePool, holdRise } from './advise-pool.ts';

const objective = { kind: 'mean-wait', limit: milliseconds(5) } as const;
const exactly = (value: number) => ({ estimate: value, low: value, high: value });
const about = (value: number) => ({ estimate: value, low: value * 0.98, high: value * 1.02 });

/** A pool of six on a database that runs eight statements at once and slows with more. */
const waiting = measureClosedDatabase(6, { callers: 400, think: 100, statement: 10, servers: 8, thrash: 0.01 });
const calm: PoolCell = { ...waiting, wait: exactly(0), inUse: about(1) };

test('acquisitions wait: a larger pool, unless hold times surely grew with the load', (t) => {
  t.like(advisePool(waiting, null, objective), { kind: 'grow', next: 9 });
  t.like(advisePool(waiting, holdRise(about(10.5), about(10)), objective), { kind: 'grow', next: 9 });
  t.like(advisePool(waiting, holdRise(about(14), about(10)), objective), { kind: 'database-slows', next: null });
  // Wide intervals hide whether it grew.
  const wide = { estimate: 14, low: 9, high: 19 };
  t.like(advisePool(waiting, holdRise(wide, about(10)), objective), { kind: 'grow' });
});

test('nothing waits: fewer where much is idle; what is not measured decides nothing', (t) => {
  t.like(advisePool(calm, null, objective), { kind: 'shrink', next: 4 });
  t.like(advisePool({ ...calm, inUse: about(5) }, holdRise(about(20), about(10)), objective), { kind: 'stay' });
  t.deepEqual(advisePool({ ...waiting, hold: null }, null, objective), {
    kind: 'inconclusive',
    rule: 'hold-or-waits-unknown',
    next: null,
  });
  const undecided = { ...waiting, repeats: 1, wait: { estimate: 5, low: 4, high: 6 } };
  t.deepEqual(advisePool(undecided, null, objective), { kind: 'inconclusive', rule: 'measure-again', next: null });
});

test('the rise of a hold time holds both intervals; the lowest stage has none', (t) => {
  t.deepEqual(holdRise({ estimate: 20, low: 18, high: 22 }, { estimate: 10, low: 8, high: 12 }), {
    estimate: 2,
    low: 1.5,
    high: 2.75,
  });
  t.is(holdRise(about(1), null), null);
  t.is(holdRise(null, about(1)), null);
});
