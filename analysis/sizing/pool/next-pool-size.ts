import type { PoolCell, PoolDecision, PoolObjective, PoolRule, PoolThresholds } from '../../../model/pool-decision.ts';
import { type ComparedSizes, compareSizes, smallestOfBest } from './database-limit.ts';
import { judgePoolCell } from './judge-pool-cell.ts';

export interface PoolSweepOrder {
  readonly objective: PoolObjective;
  /** Sizes that may be tried; `most` is what the database has for this pool. */
  readonly least: number;
  readonly most: number;
  readonly thresholds: PoolThresholds;
}

/** What decides, as data; docs/pool-sizing.md says why these. */
export const poolThresholds: PoolThresholds = {
  sameWithin: 0.1,
  saturation: 0.5,
  deadBand: 0.1,
  step: 0.5,
  idle: 0.3,
  ofBest: 0.99,
  carried: 0.98,
  errors: 0.01,
  stopRepeats: 2,
  mostRepeats: 5,
};

/**
 * The next step of a closed-loop pool sweep as a function of what was measured: looks for the smallest pool that meets
 * the objective, by growing where acquisitions wait although the database is no slower, shrinking where much is idle, and
 * halving between a size that misses and one that meets. Where the hold time rises with the pool and no more gets
 * through, the database is the limit, and a larger pool only moves the wait into it: then the sweep stops with the
 * smallest size that has `ofBest` of the best throughput.
 *
 * A size that is decided is not measured again, so the sweep ends and cannot hunt.
 *
 * @param cells one per size, in the order of measuring; a size that was measured again is the last
 * @throws RangeError without cells
 */
export function nextPoolSize(cells: readonly PoolCell[], order: PoolSweepOrder): PoolDecision {
  const cell = cells.at(-1);
  if (cell === undefined) throw new RangeError('nothing was measured yet');
  const sizes = judgedSizes(cells, order.objective);
  const pairs = comparedSizes(sizes, order.thresholds);
  const newest = sizes.find(({ size }) => size === cell.size);
  const limit = limitingPair(pairs);
  return {
    ...stepFrom(newest ?? { ...cell, verdict: 'unknown' }, sizes, pairs, order),
    cell,
    objective: order.objective,
    verdict: newest?.verdict ?? 'unknown',
    comparison: (limit ?? pairs.find(({ larger }) => larger.size === cell.size))?.comparison ?? null,
    thresholds: order.thresholds,
  };
}

/** The log of a sweep from its cells alone: each step with what was known before the next. */
export function poolDecisionLog(cells: readonly PoolCell[], order: PoolSweepOrder): readonly PoolDecision[] {
  return cells.map((_, index) => {
    const until = cells.slice(0, index + 1);
    const latest = until.filter(({ size }, at) => until.findLastIndex((other) => other.size === size) === at);
    return nextPoolSize(latest, order);
  });
}

type Step = Pick<PoolDecision, 'kind' | 'rule' | 'next' | 'recommended'>;
type JudgedCell = PoolCell & { readonly verdict: PoolDecision['verdict'] };
type Pair = ComparedSizes<JudgedCell>;

function stepFrom(cell: JudgedCell, sizes: readonly JudgedCell[], pairs: readonly Pair[], order: PoolSweepOrder): Step {
  const { thresholds } = order;
  if (cell.hold === null || cell.wait === null || cell.inUse === null) return weak('hold-or-waits-unknown');
  if (cell.verdict === 'unknown') return weak('tail-unknown');
  if (cell.verdict === 'met' && cell.errors > thresholds.errors) return weak('requests-fail');
  const limit = limitingPair(pairs);
  if (limit !== null) return atDatabaseLimit(limit, cell, sizes, order);
  if (cell.verdict === 'undecided' && cell.repeats < thresholds.mostRepeats)
    return { ...weak('measure-again'), next: cell.size };
  // What is still undecided is not shown to be met, and is not promised.
  return cell.verdict === 'met'
    ? afterMet(cell, cell.inUse.estimate, sizes, order)
    : afterMissed(cell, sizes, pairs, order);
}

const weak = (rule: PoolRule): Step => ({ kind: 'inconclusive', rule, next: null, recommended: null });
const stay = (rule: PoolRule, recommended: number): Step => ({ kind: 'stay', rule, next: null, recommended });

function atDatabaseLimit(
  { hold, gain, smaller, larger }: Pair,
  cell: PoolCell,
  sizes: readonly JudgedCell[],
  { least, thresholds }: PoolSweepOrder,
): Step {
  const again = smaller.repeats < larger.repeats ? smaller : larger;
  if (hold !== 'risen' || gain !== 'not-risen' || again.repeats < thresholds.stopRepeats) {
    return again.repeats < thresholds.mostRepeats
      ? { ...weak('measure-again'), next: again.size }
      : weak('not-told-apart');
  }
  const recommended = smallestOfBest(sizes, thresholds);
  return recommended === sizes[0]?.size && recommended > least
    ? towards(stepDown(recommended, least, thresholds), cell, 'hold-rises-smaller-untried', recommended)
    : { kind: 'stop-database-is-the-limit', rule: 'hold-rises-throughput-does-not', next: null, recommended };
}

function afterMet(cell: JudgedCell, inUse: number, sizes: readonly JudgedCell[], order: PoolSweepOrder): Step {
  const { least, thresholds } = order;
  const missed = largestMissed(sizes);
  if (missed !== null && missed < cell.size) return between(missed, cell.size, cell, thresholds);
  const idle = 1 - inUse / cell.size;
  if (cell.size <= least || (idle < thresholds.idle && idle > allBusy)) return stay('met', cell.size);
  const down = stepDown(cell.size, least, thresholds);
  return idle <= allBusy
    ? towards(down, cell, 'all-busy-none-waits', cell.size)
    : towards(Math.max(down, Math.min(cell.size - 1, Math.ceil(inUse))), cell, 'idle', cell.size);
}

function afterMissed(
  cell: JudgedCell,
  sizes: readonly JudgedCell[],
  pairs: readonly Pair[],
  { most, thresholds }: PoolSweepOrder,
): Step {
  const missed = largestMissed(sizes) ?? cell.size;
  const met = sizes.find(({ size, verdict }) => verdict === 'met' && size > missed);
  if (met !== undefined) return between(missed, met.size, cell, thresholds);
  if (missed >= most) return stay('at-most', missed);
  const up = Math.min(most, Math.max(missed + 1, Math.round(missed * (1 + thresholds.step))));
  const compared = pairs.find(({ larger }) => larger.size === missed);
  const rule =
    compared === undefined
      ? 'waits-first-size'
      : compared.hold === 'not-risen'
        ? 'waits-hold-flat'
        : 'waits-database-gives-more';
  return towards(up, cell, rule, null);
}

/** The middle of a size that misses and a larger one that meets, or the larger where both are one within the dead band. */
function between(missed: number, met: number, cell: PoolCell, { deadBand }: PoolThresholds): Step {
  if (met - missed <= Math.max(1, deadBand * met)) return stay('within-dead-band', met);
  const middle = Math.min(met - 1, Math.max(missed + 1, Math.round(Math.sqrt(missed * met))));
  return towards(middle, cell, 'between-missed-and-met', met);
}

const towards = (next: number, { size }: PoolCell, rule: PoolRule, recommended: number | null): Step => ({
  kind: next > size ? 'grow' : 'shrink',
  rule,
  next,
  recommended,
});

const stepDown = (size: number, least: number, { step }: PoolThresholds): number =>
  Math.max(least, Math.min(size - 1, Math.floor(size / (1 + step))));

/** What is undecided counts as missed: it is not shown to be met. */
const largestMissed = (sizes: readonly JudgedCell[]): number | null =>
  sizes.findLast(({ verdict }) => verdict === 'missed' || verdict === 'undecided')?.size ?? null;

function judgedSizes(cells: readonly PoolCell[], objective: PoolObjective): readonly JudgedCell[] {
  return cells
    .map((cell) => ({ ...cell, verdict: judgePoolCell(cell, objective) }))
    .toSorted((one, other) => one.size - other.size);
}

/**
 * Each size beside the next smaller one that is far enough below it to tell a difference, and that its callers had to wait
 * for: a pool that nobody waits for does not limit the database, and what differs then has another cause.
 */
function comparedSizes(sizes: readonly JudgedCell[], thresholds: PoolThresholds): readonly Pair[] {
  return sizes.flatMap((larger) => {
    const smaller = sizes.findLast(({ size }) => size * leastApart <= larger.size);
    if (smaller === undefined || smaller.verdict === 'met') return [];
    return compareSizes(smaller, larger, thresholds) ?? [];
  });
}

/** The first pair that shows the database to be the limit, or cannot exclude it where the larger size is no answer yet. */
function limitingPair(pairs: readonly Pair[]): Pair | null {
  return (
    pairs.find(({ hold, gain }) => hold === 'risen' && gain === 'not-risen') ??
    pairs.find(({ hold, gain, larger }) => hold !== 'not-risen' && gain !== 'risen' && larger.verdict !== 'met') ??
    null
  );
}

/** Closer than that, a database at its limit would change by hardly more than `sameWithin`. */
const leastApart = 1.2;
/** Connections idle at most where every caller has one. */
const allBusy = 0.03;
