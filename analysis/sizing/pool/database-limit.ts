import type { Interval, PoolCell, PoolComparison, PoolThresholds } from '../../../model/pool-decision.ts';
import { type Change, changeOf, ratioOf } from './ratio-of.ts';

/** A larger pool beside a smaller one that its callers had to wait for. */
export interface ComparedSizes<Cell extends PoolCell> {
  readonly smaller: Cell;
  readonly larger: Cell;
  readonly comparison: PoolComparison;
  /** Whether the hold time rose with the pool, and whether more got through. */
  readonly hold: Change;
  readonly gain: Change;
}

/**
 * Sets a size beside a smaller one. Whether the database gives more is told by the throughput; where both sizes carried
 * the whole load that was offered it cannot rise, and a shorter time of acquisition, wait and hold time together, says it.
 * Null where one of both does not know its hold time or waits.
 */
export function compareSizes<Cell extends PoolCell>(
  smaller: Cell,
  larger: Cell,
  thresholds: PoolThresholds,
): ComparedSizes<Cell> | null {
  const [before, after] = [acquisitionOf(smaller), acquisitionOf(larger)];
  if (smaller.hold === null || larger.hold === null || before === null || after === null) return null;
  const comparison: PoolComparison = {
    size: larger.size,
    smaller: smaller.size,
    hold: ratioOf(larger.hold, smaller.hold),
    throughput: ratioOf(larger.throughput, smaller.throughput),
    acquisition: ratioOf(after, before),
    judgedBy: [smaller, larger].every((cell) => carriedLoad(cell, thresholds)) ? 'acquisition' : 'throughput',
  };
  const gained = comparison.judgedBy === 'throughput' ? comparison.throughput : ratioOf(before, after);
  const hold = changeOf(comparison.hold, thresholds.sameWithin);
  const gain = changeOf(gained, thresholds.sameWithin);
  const asSaturated = (larger.size / smaller.size) ** thresholds.saturation;
  return {
    smaller,
    larger,
    comparison,
    // A rise that is sure and too small for a saturated database has another cause, such as a busy machine.
    hold: hold === 'risen' && comparison.hold.estimate < asSaturated ? 'undecided' : hold,
    // Too little is known to be nothing where it is surely less than half of what the pool grew by.
    gain:
      gain === 'undecided' && gained.estimate <= 1 + thresholds.sameWithin && gained.high <= asSaturated
        ? 'not-risen'
        : gain,
  };
}

const carriedLoad = ({ offered, throughput }: PoolCell, { carried }: PoolThresholds): boolean =>
  offered !== null && throughput.estimate >= carried * offered;

/** Wait and hold time of one acquisition; the ends are added, which is wide rather than narrow. */
function acquisitionOf({ wait, hold }: PoolCell): Interval | null {
  return wait === null || hold === null
    ? null
    : { estimate: wait.estimate + hold.estimate, low: wait.low + hold.low, high: wait.high + hold.high };
}

const timeOf = (cell: PoolCell): number => acquisitionOf(cell)?.estimate ?? Infinity;

/**
 * Of a database that is the limit, the smallest pool with (nearly) the best throughput. Where several carried all that was
 * offered their throughput does not tell them apart: then one whose acquisitions also take no longer than the best's.
 *
 * @param cells in rising order of size, one at least
 */
export function smallestOfBest(cells: readonly PoolCell[], thresholds: PoolThresholds): number {
  const best = Math.max(...cells.map(({ throughput }) => throughput.estimate));
  const most = cells.filter(({ throughput }) => throughput.estimate >= thresholds.ofBest * best);
  const shortest = Math.min(...most.map(timeOf));
  const found = most.every((cell) => carriedLoad(cell, thresholds))
    ? most.find((cell) => timeOf(cell) <= shortest * (1 + thresholds.sameWithin))
    : most[0];
  if (found === undefined) throw new RangeError('there is no cell');
  return found.size;
}
