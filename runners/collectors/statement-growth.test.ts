import test from 'ava';
import * as fc from 'fast-check';
import { type StatementCounters, StatementGrowth } from './statement-growth.ts';

const of = (id: string, calls: number, totalMs = calls, rows = calls): StatementCounters => ({
  id,
  calls,
  totalMs,
  rows,
});
const none = new Set<string>();

test('what was counted before the first look is not counted', (t) => {
  const growth = new StatementGrowth();
  growth.look([of('old', 1_000_000), of('idle', 7)]);
  t.deepEqual(growth.grown(none), { listed: [], others: { statements: 0, calls: 0, totalMs: 0, rows: 0 } });
  growth.look([of('old', 1_000_003), of('idle', 7), of('new', 2)]);
  t.deepEqual(growth.grown(none).listed, [of('old', 3), of('new', 2)]);
});

test('a counter that fell began anew', (t) => {
  const growth = new StatementGrowth();
  growth.look([of('a', 10)]);
  growth.look([of('a', 15)]);
  growth.look([of('a', 4)]);
  growth.look([]); // thrown out
  growth.look([of('a', 1)]);
  t.deepEqual(growth.grown(none).listed, [of('a', 10)]);
});

test('once listed it stays listed, the rest is told together, and who is left out is nowhere', (t) => {
  const growth = new StatementGrowth();
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  growth.look(names.map((id) => of(id, 0)));
  growth.look(names.map((id, index) => of(id, 1, 100 - index)));
  const first = growth.grown(none);
  t.deepEqual(
    first.listed.map(({ id }) => id),
    names.slice(0, 20),
  );
  t.deepEqual(first.others, { statements: 10, calls: 10, totalMs: 755, rows: 10 });
  // The last of all takes most from now on.
  growth.look(names.map((id, index) => of(id, 2, index === 29 ? 1000 : 100 - index)));
  const then = growth.grown(new Set(['s0']));
  t.is(then.listed[0]?.id, 's29');
  t.is(then.listed.length, 20);
  t.false(then.listed.some(({ id }) => id === 's0'));
});

test('counters of listed statements never fall and all of them together are all that grew', (t) => {
  const look = fc.array(fc.record({ id: fc.nat(90), calls: fc.nat(5) }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(look, { minLength: 2, maxLength: 8 }), (looks) => {
      const growth = new StatementGrowth();
      const server = new Map<number, number>();
      let [all, first] = [0, true];
      const before = new Map<string, number>();
      for (const calls of looks) {
        for (const { id, calls: more } of calls) {
          server.set(id, (server.get(id) ?? 0) + more);
          if (!first) all += more;
        }
        first = false;
        growth.look([...server].map(([id, total]) => of(String(id), total)));
        const { listed, others } = growth.grown(none);
        t.is(
          listed.reduce((sum, one) => sum + one.calls, others.calls),
          all,
        );
        t.true(listed.length <= 60);
        for (const { id, calls: now } of listed) {
          t.true(now >= (before.get(id) ?? 0));
          before.set(id, now);
        }
      }
    }),
    { seed: 20_261_121, numRuns: 200 },
  );
});
