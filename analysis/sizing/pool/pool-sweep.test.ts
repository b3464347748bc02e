import test from 'ava';
import type { PoolReading } from '../../../model/pool-decision.ts';
import { milliseconds } from '../../../model/units.ts';
import { poolThresholds } from './next-pool-size.ts';
import { type PoolRun, poolSweep } from './pool-sweep.ts';

const order = {
  objective: { kind: 'mean-wait', limit: milliseconds(1) },
  least: 1,
  most: 100,
  thresholds: poolThresholds,
  start: 4,
  repeats: 2,
} as const;
const about = (estimate: number, by = 0.02) => ({ estimate, low: estimate * (1 - by), high: estimate * (1 + by) });
const reading = (wait: number, by = 0.02): PoolReading => ({
  offered: null,
  throughput: about(500),
  hold: about(10),
  wait: about(wait, by),
  waiting: null,
  waitOver: null,
  inUse: about(4),
  errors: 0,
  latency: null,
});
const run = (size: number, wait: number, by?: number): PoolRun => ({ size, reading: reading(wait, by) });
const lost = (size: number): PoolRun => ({ size, reading: null });

test('each size so often, then a decision', (t) => {
  t.deepEqual(poolSweep([], order), { decisions: [], next: 4, unmeasured: null });
  t.is(poolSweep([run(4, 20)], order).next, 4);
  const grown = poolSweep([run(4, 20), run(4, 22)], order);
  t.is(grown.next, 6);
  t.is(grown.decisions.length, 1);
  t.is(grown.decisions[0]?.cell.wait?.estimate, 21);
  const over = poolSweep([run(4, 20), run(4, 22), run(6, 0.1), run(6, 0.1), run(5, 3), run(5, 3)], order);
  t.deepEqual(
    over.decisions.map(({ kind }) => kind),
    ['grow', 'shrink', 'stay'],
  );
  t.is(over.next, null);
  t.is(over.decisions.at(-1)?.recommended, 6);
});

test('what is not told apart is measured once more, with all its runs', (t) => {
  const again = poolSweep([run(4, 1, 0.5), run(4, 1, 0.5)], order);
  t.deepEqual([again.next, again.decisions[0]?.rule], [4, 'measure-again']);
  const told = poolSweep([run(4, 1, 0.5), run(4, 1, 0.5), run(4, 8, 0.5)], order);
  t.is(told.decisions.at(-1)?.cell.repeats, 3);
});

test('a spoiled run is made again, two in a row end the sweep', (t) => {
  t.is(poolSweep([run(4, 20), lost(4)], order).next, 4);
  t.is(poolSweep([run(4, 20), lost(4), run(4, 20)], order).next, 6);
  t.deepEqual(poolSweep([lost(4), lost(4)], order), { decisions: [], next: null, unmeasured: 4 });
});
