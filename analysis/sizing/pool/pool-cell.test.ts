import test from 'ava';
import type { PoolReading } from '../../../model/pool-decision.ts';
import { milliseconds, perSecond } from '../../../model/units.ts';
import { poolCell } from './pool-cell.ts';

const reading = (throughput: number, more: Partial<PoolReading> = {}): PoolReading => ({
  offered: perSecond(500),
  throughput: { estimate: throughput, low: throughput - 10, high: throughput + 20 },
  hold: { estimate: 10, low: 9, high: 11 },
  wait: { estimate: 1, low: 0, high: 2 },
  waiting: null,
  waitOver: null,
  inUse: { estimate: 5, low: 4, high: 6 },
  errors: 0.01,
  latency: milliseconds(20),
  ...more,
});

test('a single run keeps its own intervals; two add theirs in quadrature', (t) => {
  t.deepEqual(poolCell(4, [reading(100)]).throughput, { estimate: 100, low: 90, high: 120 });
  const { repeats, size, throughput } = poolCell(4, [reading(100), reading(200)]);
  t.deepEqual([size, repeats], [4, 2]);
  t.is(throughput.estimate, 150);
  t.true(Math.abs(throughput.low - (150 - Math.hypot(10, 10) / 2)) < 1e-9);
  t.true(Math.abs(throughput.high - (150 + Math.hypot(20, 20) / 2)) < 1e-9);
});

test('from three runs on the interval is what differs between them', (t) => {
  const { throughput } = poolCell(4, [reading(100), reading(200), reading(300)]);
  // t(0.975, 2) · 100 / √3, by hand.
  t.true(Math.abs(throughput.high - 200 - (4.302_652_7 * 100) / Math.sqrt(3)) < 1e-3, String(throughput.high));
});

const wait = (estimate: number) => ({ wait: { estimate, low: 0, high: estimate * 2 } });

test('no end is below nothing, whatever the spread', (t) => {
  t.is(poolCell(4, [reading(1, wait(1)), reading(1, wait(2)), reading(1, wait(90))]).wait?.low, 0);
});

test('what one run does not know the cell does not know', (t) => {
  const cell = poolCell(4, [reading(100), reading(100, { hold: null, latency: null, offered: perSecond(600) })]);
  t.is(cell.hold, null);
  t.is(cell.latency, null);
  t.is(cell.offered, null);
  t.is(cell.wait?.estimate, 1);
});
