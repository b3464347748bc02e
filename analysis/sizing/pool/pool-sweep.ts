import type { PoolCell, PoolDecision, PoolReading } from '../../../model/pool-decision.ts';
import { type PoolSweepOrder, nextPoolSize } from './next-pool-size.ts';
import { poolCell } from './pool-cell.ts';

/** One run of a pool sweep; null: it was not valid, or its pool could not be read. */
export interface PoolRun {
  readonly size: number;
  readonly reading: PoolReading | null;
}

export interface PoolSweep {
  /** Each step so far. */
  readonly decisions: readonly PoolDecision[];
  /** The size of the next run; null where the sweep is over. */
  readonly next: number | null;
  /** The size that could not be measured, which ended the sweep; null for none. */
  readonly unmeasured: number | null;
}

/**
 * A pool sweep as a function of its runs in the order of their making: each size so often, then `nextPoolSize` decides.
 * Runs that tell nothing are made again, and a size at which two do so in a row ends the sweep.
 *
 * @param repeats runs of each size before it is decided from
 */
export function poolSweep(
  runs: readonly PoolRun[],
  { start, repeats, ...order }: PoolSweepOrder & { readonly start: number; readonly repeats: number },
): PoolSweep {
  const left = [...runs];
  const readings = new Map<number, PoolReading[]>();
  const decisions: PoolDecision[] = [];
  let cells: readonly PoolCell[] = [];
  let size = start;
  for (;;) {
    const known = readings.get(size) ?? [];
    readings.set(size, known);
    const wanted = Math.max(repeats, known.length + 1);
    let lost = 0;
    while (known.length < wanted) {
      const run = left.shift();
      if (run === undefined) return { decisions, next: size, unmeasured: null };
      if (run.size !== size) continue;
      lost = run.reading === null ? lost + 1 : 0;
      if (run.reading !== null) known.push(run.reading);
      else if (lost === mostLost) return { decisions, next: null, unmeasured: size };
    }
    const [first, ...others] = known;
    if (first === undefined) throw new RangeError('a sweep has one repeat at least');
    const cell = poolCell(size, [first, ...others]);
    cells = [...cells.filter((each) => each.size !== size), cell];
    const decision = nextPoolSize(cells, order);
    decisions.push(decision);
    if (decision.next === null) return { decisions, next: null, unmeasured: null };
    size = decision.next;
  }
}

/** A run may be spoiled by chance; twice in a row is no chance. */
const mostLost = 2;
