import test from 'ava';
import * as fc from 'fast-check';
import type { Interval, PoolCell, PoolObjective } from '../../../model/pool-decision.ts';
import { milliseconds, perSecond } from '../../../model/units.ts';
import { nextPoolSize, poolDecisionLog, poolThresholds } from './next-pool-size.ts';

const about = (estimate: number, by = 0.02): Interval => ({
  estimate,
  low: estimate * (1 - by),
  high: estimate * (1 + by),
});
const under1ms: PoolObjective = { kind: 'mean-wait', limit: milliseconds(1) };
const order = { objective: under1ms, least: 1, most: 100, thresholds: poolThresholds };

/** A pool of that size that carries its load: hold time and wait in ms. */
const cellOf = (size: number, hold: number, wait: number, more: Partial<PoolCell> = {}): PoolCell => ({
  size,
  repeats: 3,
  offered: perSecond(500),
  throughput: about(500),
  hold: about(hold),
  wait: about(wait),
  waiting: about(Math.min(1, wait / 10)),
  waitOver: null,
  inUse: about(Math.min(size, hold / 2)),
  errors: 0,
  latency: milliseconds(hold + wait),
  ...more,
});
const step = (...cells: readonly PoolCell[]) => nextPoolSize(cells, order);

test('waits and nothing to compare with, or a hold time that is flat: a larger pool', (t) => {
  t.like(step(cellOf(4, 10, 30)), {
    kind: 'grow',
    rule: 'waits-first-size',
    next: 6,
    recommended: null,
    verdict: 'missed',
  });
  const second = step(cellOf(4, 10, 30), cellOf(6, 10.2, 8));
  t.like(second, { kind: 'grow', rule: 'waits-hold-flat', next: 9 });
  t.is(second.comparison?.smaller, 4);
  t.true(Math.abs((second.comparison?.hold.estimate ?? 0) - 1.02) < 1e-9);
});

test('between a size that misses and one that meets the middle, until both are one size', (t) => {
  const [six, nine] = [cellOf(6, 10, 8), cellOf(9, 10, 0.3)];
  t.like(step(six, nine), { kind: 'shrink', rule: 'between-missed-and-met', next: 7, recommended: 9 });
  t.like(step(six, nine, cellOf(7, 10, 3)), { kind: 'grow', rule: 'between-missed-and-met', next: 8, recommended: 9 });
  t.like(step(six, nine, cellOf(7, 10, 3), cellOf(8, 10, 0.9)), {
    kind: 'stay',
    rule: 'within-dead-band',
    next: null,
    recommended: 8,
  });
  // Of large pools a tenth is the same.
  t.like(step(cellOf(50, 100, 8), cellOf(55, 100, 0.3)), { kind: 'stay', recommended: 55 });
});

test('no waits and much idle: a smaller pool, never below what is in use', (t) => {
  t.like(step(cellOf(40, 10, 0)), { kind: 'shrink', rule: 'idle', next: 26, recommended: 40 });
  t.like(step(cellOf(40, 54, 0)), { kind: 'shrink', rule: 'idle', next: 27 });
  t.like(step(cellOf(40, 62, 0)), { kind: 'stay', rule: 'met', next: null, recommended: 40 });
  t.like(nextPoolSize([cellOf(8, 2, 0)], { ...order, least: 8 }), { kind: 'stay', rule: 'met', recommended: 8 });
});

const saturated = (size: number, callers: number): PoolCell => {
  const busy = Math.min(size, callers);
  const hold = 10 * Math.max(1, busy / 8);
  const throughput = (busy / hold) * 1e3;
  return cellOf(size, hold, ((callers - busy) / throughput) * 1e3, {
    offered: null,
    throughput: about(throughput, 0.01),
    inUse: about(busy, 0),
  });
};

test('hold time rises and no more gets through: the database is the limit, and the smallest of the best is enough', (t) => {
  const cells = [4, 6, 9, 14].map((size) => saturated(size, 64));
  const kinds = poolDecisionLog(cells, order).map(({ kind }) => kind);
  t.deepEqual(kinds, ['grow', 'grow', 'grow', 'stop-database-is-the-limit']);
  t.like(step(...cells), { next: null, recommended: 9, rule: 'hold-rises-throughput-does-not' });
  t.is(step(...cells).comparison?.judgedBy, 'throughput');
});

test('the same from above: smaller sizes are tried until less gets through', (t) => {
  const sizes = [40, 60];
  for (let steps = 0; steps < 20; steps++) {
    const { next } = step(...sizes.map((size) => saturated(size, 64)));
    if (next === null) break;
    sizes.push(next);
  }
  const end = step(...sizes.map((size) => saturated(size, 64)));
  t.is(end.kind, 'stop-database-is-the-limit');
  t.true(
    end.recommended !== null && end.recommended >= 8 && end.recommended <= 12,
    `${sizes.join(' ')}: ${end.recommended}`,
  );
});

test('as many connections as callers: no waits, none idle; a smaller pool tells that the database is the limit', (t) => {
  t.like(step(saturated(64, 64)), { kind: 'shrink', rule: 'all-busy-none-waits', next: 42 });
  t.like(step(saturated(64, 64), saturated(42, 64)), { kind: 'shrink', rule: 'hold-rises-smaller-untried', next: 28 });
});

test('a hold time that rises while more gets through is no limit', (t) => {
  const more = cellOf(6, 12, 12, { offered: null, throughput: about(650) });
  t.like(step(cellOf(4, 10, 30, { offered: null }), more), { kind: 'grow', rule: 'waits-database-gives-more' });
});

test('where the whole load was carried, the time of an acquisition tells whether the larger pool helped', (t) => {
  const helped = step(cellOf(4, 10, 20), cellOf(6, 13, 4));
  t.like(helped, { kind: 'grow', rule: 'waits-database-gives-more' });
  t.is(helped.comparison?.judgedBy, 'acquisition');
  const moved = step(cellOf(4, 10, 20), cellOf(6, 24, 6));
  t.like(moved, { kind: 'shrink', rule: 'hold-rises-smaller-untried', recommended: 4, next: 2 });
});

test('weak evidence: the same size again, and after enough repeats inconclusive', (t) => {
  const wide = { wait: { estimate: 1, low: 0.5, high: 2 } };
  t.like(step(cellOf(4, 10, 1, wide)), { kind: 'inconclusive', rule: 'measure-again', next: 4, verdict: 'undecided' });
  // What stays undecided is not promised.
  t.like(step(cellOf(4, 10, 1, { ...wide, repeats: 5 })), { kind: 'grow', next: 6 });
  const vague = { hold: { estimate: 14, low: 9, high: 20 } };
  const few = cellOf(4, 10, 30, { repeats: 2 });
  t.like(step(few, cellOf(6, 14, 30, vague)), { kind: 'inconclusive', rule: 'measure-again', next: 4 });
  t.like(step({ ...few, repeats: 5 }, cellOf(6, 14, 30, { ...vague, repeats: 5 })), {
    kind: 'inconclusive',
    rule: 'not-told-apart',
    next: null,
    recommended: null,
  });
});

test('a throughput that may have risen a little, surely by less than half of the pool, has not', (t) => {
  // As orders that wait for rows of four groups were measured: 24 callers, five runs each.
  const closed = { offered: null, repeats: 5 };
  const six = cellOf(6, 42.8, 127, { ...closed, throughput: { estimate: 140, low: 133, high: 147 } });
  const nine = cellOf(9, 60.5, 98.7, { ...closed, throughput: { estimate: 149, low: 136, high: 162 } });
  t.like(step(six, nine), { kind: 'stop-database-is-the-limit', recommended: 9 });
  const more = { estimate: 165, low: 158, high: 172 };
  t.like(step(six, { ...nine, throughput: more }), { kind: 'grow', rule: 'waits-database-gives-more' });
});

test('a rise that is too small for a saturated database, or was seen in one run only, stops nothing', (t) => {
  // Half as many connections again, and a hold time that is an eighth longer: of a busy machine, as one was seen.
  const [eight, twelve] = [cellOf(8, 23.7, 3.4), cellOf(12, 26.8, 15)];
  t.like(step(eight, twelve), { kind: 'inconclusive', rule: 'measure-again', next: 12 });
  t.like(step({ ...eight, repeats: 5 }, { ...twelve, repeats: 5 }), { kind: 'inconclusive', rule: 'not-told-apart' });
  const [six, nine] = [6, 9].map((size) => ({ ...saturated(size + 6, 64), repeats: 1 }));
  if (six === undefined || nine === undefined) throw new Error('two cells');
  t.like(step(six, nine), { kind: 'inconclusive', rule: 'measure-again', next: 15 });
  t.like(step(six, { ...nine, repeats: 2 }), { kind: 'inconclusive', rule: 'measure-again', next: 12 });
});

test('nothing is decided from what is not known', (t) => {
  t.like(step(cellOf(4, 10, 30, { hold: null })), { kind: 'inconclusive', rule: 'hold-or-waits-unknown', next: null });
  t.like(step(cellOf(4, 10, 0, { errors: 0.2 })), { kind: 'inconclusive', rule: 'requests-fail' });
  t.throws(() => step(), { instanceOf: RangeError });
});

test('a share beyond a limit: by the histogram; without one only where the mean proves it', (t) => {
  const objective: PoolObjective = { kind: 'wait-over', limit: milliseconds(5), share: 0.01 };
  const verdict = (wait: number, more: Partial<PoolCell> = {}) =>
    nextPoolSize([cellOf(4, 10, wait, more)], { ...order, objective }).verdict;
  t.is(verdict(3, { waitOver: about(0.005) }), 'met');
  t.is(verdict(3, { waitOver: about(0.02) }), 'missed');
  t.is(verdict(3, { waitOver: { estimate: 0.01, low: 0.005, high: 0.02 } }), 'undecided');
  t.is(verdict(0.04), 'met');
  t.is(verdict(6), 'missed');
  t.is(verdict(3), 'unknown');
  t.is(verdict(3, { waiting: about(0.005) }), 'met');
});

test('at the largest size that is allowed it stays, and says that the objective is missed', (t) => {
  const at = nextPoolSize([cellOf(8, 10, 30), cellOf(10, 10, 20)], { ...order, most: 10 });
  t.like(at, { kind: 'stay', rule: 'at-most', next: null, verdict: 'missed' });
});

test('any sweep ends, within the bounds, without measuring a decided size again', (t) => {
  const plant = fc.record({
    start: fc.integer({ min: 1, max: 60 }),
    callers: fc.integer({ min: 1, max: 80 }),
    servers: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(plant, ({ start, callers, servers }) => {
      const measured: PoolCell[] = [];
      let size: number | null = start;
      while (size !== null) {
        if (measured.some((cell) => cell.size === size) || measured.length > 30 || size < 1 || size > 100) return false;
        const busy = Math.min(size, callers);
        const hold = 10 * Math.max(1, busy / servers);
        const throughput = (busy / hold) * 1e3;
        measured.push(
          cellOf(size, hold, ((callers - busy) / throughput) * 1e3, {
            offered: null,
            throughput: about(throughput, 0.01),
            inUse: about(busy, 0),
            // So that nothing is measured again for being undecided.
            repeats: poolThresholds.mostRepeats,
          }),
        );
        size = step(...measured).next;
      }
      const { kind, recommended } = step(...measured);
      const found = measured.find((cell) => cell.size === recommended);
      const best = Math.max(...measured.map(({ throughput }) => throughput.estimate));
      return kind === 'stay'
        ? (found?.wait?.high ?? Infinity) <= 1
        : kind === 'stop-database-is-the-limit' && (found?.throughput.estimate ?? 0) >= best * 0.99;
    }),
    { seed: 4, numRuns: 500 },
  );
  t.pass();
});
