import test from 'ava';
import { measureClosedDatabase } from '../../../fixtures/closed-database.ts';
import { holdModel } from './hold-model.ts';
import { measuredDatabase } from './measured-database.ts';

const point = (active: number, estimate: number, by = 0.03) => ({
  active,
  hold: { estimate, low: estimate * (1 - by), high: estimate * (1 + by) },
});

test('flat, rising, and what the intervals do not tell', (t) => {
  t.like(holdModel([point(2, 10), point(5, 10.1), point(9, 9.9)], 0.1), {
    status: 'fitted',
    shape: 'flat',
    from: 2,
    to: 9,
  });
  const rising = holdModel([point(2, 10), point(5, 13), point(9, 17)], 0.1);
  t.like(rising, { shape: 'rising', law: 'line' });
  t.true(rising.status === 'fitted' && Math.abs(rising.rise.estimate - 1.7) < 0.01);
  t.true(rising.status === 'fitted' && rising.rise.low > 1.4 && rising.rise.high < 2);
  t.like(holdModel([point(2, 10, 0.4), point(5, 11, 0.4), point(9, 13, 0.4)], 0.1), { shape: 'undecided' });
});

test('level up to eight in use, then in proportion: a knee, whose rise is known better than by a line', (t) => {
  const knee = holdModel(
    [1, 2, 4, 6, 7, 12].map((active) => point(active, active < 8 ? 10 : (10 * active) / 8, 0.02)),
    0.1,
  );
  t.like(knee, { shape: 'rising', law: 'knee' });
  t.true(knee.status === 'fitted' && knee.rise.low > 1.4 && knee.rise.high < 1.6, JSON.stringify(knee));
});

test('two points, or a narrow range, tell nothing', (t) => {
  t.deepEqual(holdModel([point(2, 10), point(9, 20)], 0.1), { status: 'not-identified', reason: 'too-few-points' });
  t.deepEqual(holdModel([point(6, 10), point(7, 11), point(8, 12)], 0.1), {
    status: 'not-identified',
    reason: 'range-too-narrow',
  });
});

const database = { callers: 200, think: 100, statement: 10, thrash: 0 };
const sizes = [2, 3, 4, 6, 9, 13, 20, 28];
const measured = (servers: number) =>
  sizes.map((size) => {
    const { inUse, hold, throughput } = measureClosedDatabase(size, { ...database, servers }, { runMs: 20_000 });
    if (inUse === null || hold === null) throw new Error('the simulation measures both');
    return { active: inUse.estimate, hold, throughput: throughput.estimate };
  });
const points = (servers: number) =>
  measured(servers).map(({ active, throughput }) => ({ concurrency: active, throughput }));

test('a database that runs ten statements at once: hold times rise, and ten are found', (t) => {
  t.like(holdModel(measured(10), 0.1), { shape: 'rising' });
  const found = measuredDatabase(points(10));
  t.is(found.status, 'identified');
  t.true(found.status === 'identified' && Math.abs(found.servers.estimate / 10 - 1) < 0.1, JSON.stringify(found));
});

test('a database with room: hold times are flat, and its limit is said not to be known', (t) => {
  t.like(holdModel(measured(1000), 0.1), { shape: 'flat' });
  t.like(measuredDatabase(points(1000)), { status: 'not-identified' });
  t.like(measuredDatabase(points(10).slice(0, 2)), { status: 'not-identified' });
});
