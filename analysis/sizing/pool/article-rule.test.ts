import test from 'ava';
import { type ClosedDatabase, measureClosedDatabase } from '../../../fixtures/closed-database.ts';
import type { PoolCell } from '../../../model/pool-decision.ts';
import { milliseconds, perSecond } from '../../../model/units.ts';
import { articlePoolSize } from './article-rule.ts';
import { nextPoolSize, poolThresholds } from './next-pool-size.ts';

const limits = { latency: milliseconds(50), throughput: perSecond(1000), least: 2, deadBand: 0 };
const after = (size: number, latency: number, throughput: number, deadBand = 0): number =>
  articlePoolSize(size, { latency: milliseconds(latency), throughput: perSecond(throughput) }, { ...limits, deadBand });

test('a fifth more, a tenth fewer, a floor, a dead band, whole numbers: as it is given', (t) => {
  t.is(after(10, 51, 999), 12);
  t.is(after(10, 51, 1000), 10);
  t.is(after(10, 50, 999), 10);
  t.is(after(10, 39, 901), 9);
  t.is(after(10, 39, 900), 10);
  t.is(after(10, 40, 901), 10);
  t.is(after(2, 1, 2000), 2);
  t.is(after(10, 51, 999, 2), 10);
  // Cut to whole numbers, four grow to four.
  t.is(after(4, 900, 10), 4);
});

/** Runs a rule from size to size until it stays, or for so many steps. */
function sweep(start: number, database: ClosedDatabase, steps: number, next: (cells: PoolCell[]) => number | null) {
  const cells: PoolCell[] = [];
  let size: number | null = start;
  while (size !== null && cells.length < steps) {
    cells.push(measureClosedDatabase(size, database));
    size = next(cells);
  }
  return { cells, stopped: size === null };
}
const theirs = (cells: readonly PoolCell[]): number | null => {
  const cell = cells.at(-1);
  if (cell?.latency == null) return null;
  const throughput = perSecond(cell.throughput.estimate);
  const size = articlePoolSize(cell.size, { latency: cell.latency, throughput }, limits);
  return size === cell.size ? null : size;
};
const order = {
  objective: { kind: 'mean-wait', limit: milliseconds(5) },
  least: 1,
  most: 500,
  thresholds: poolThresholds,
} as const;

// 400 callers ask for up to 4,000/s, 8 statements of 10 ms at once are 800/s: no pool makes it 1,000/s or 50 ms.
const saturated: ClosedDatabase = { callers: 400, think: 100, statement: 10, servers: 8, thrash: 0.01 };

test('a saturated database: ours stops, theirs keeps growing', (t) => {
  const ours = sweep(6, saturated, 20, (cells) => nextPoolSize(cells, order).next);
  const end = nextPoolSize(ours.cells, order);
  t.true(ours.stopped);
  t.is(end.kind, 'stop-database-is-the-limit');
  t.true(ours.cells.length <= 4, ours.cells.map(({ size }) => size).join(' '));
  t.true(end.recommended !== null && end.recommended >= 8 && end.recommended <= 10, String(end.recommended));
  const best = Math.max(...ours.cells.map(({ throughput }) => throughput.estimate));
  t.true(Math.abs(best / 800 - 1) < 0.05, String(best));

  const other = sweep(6, saturated, 20, theirs);
  const sizes = other.cells.map(({ size }) => size);
  t.false(other.stopped, sizes.join(' '));
  t.true((sizes.at(-1) ?? 0) > 100, sizes.join(' '));
  // More connections made it worse, and the rule asks for more again.
  const throughput = other.cells.map((cell) => cell.throughput.estimate);
  t.true((throughput.at(-1) ?? Infinity) < 0.7 * Math.max(...throughput), throughput.join(' '));
});

test('a database with room: both grow, and ours finds the smallest pool that does not wait', (t) => {
  const roomy: ClosedDatabase = { callers: 60, think: 100, statement: 10, servers: 100, thrash: 0 };
  const ours = sweep(
    3,
    roomy,
    20,
    (cells) => nextPoolSize(cells, { ...order, objective: { kind: 'mean-wait', limit: milliseconds(1) } }).next,
  );
  t.true(ours.stopped);
  const end = nextPoolSize(ours.cells, { ...order, objective: { kind: 'mean-wait', limit: milliseconds(1) } });
  t.is(end.kind, 'stay');
  const { recommended } = end;
  const sizes = ours.cells.map(({ size, wait }) => `${size}: ${wait?.estimate}`).join('\n');
  const waitWith = (size: number): number => measureClosedDatabase(size, roomy, { seed: 9 }).wait?.estimate ?? Infinity;
  t.true(recommended !== null && waitWith(recommended) < 1, sizes);
  t.true(recommended !== null && waitWith(recommended - 1) > 0.8, sizes);
});
