import { mebibytes, percent } from '../../../model/units.ts';
import type { CollectorSettings } from './collector-settings.ts';

/** What sets the heap goal: the least heap there is, GOGC, or the memory limit. */
export type GoalRegime = 'floor' | 'gogc' | 'limit';

export interface HeapGoal {
  readonly bytes: number;
  readonly regime: GoalRegime;
}

/** The memory that a heap goal follows from; bytes. */
export interface HeapState {
  /** Marked by the last collection. */
  readonly liveHeap: number;
  /** Scanned stacks and globals. */
  readonly roots: number;
  /** What counts against GOMEMLIMIT and is no heap object nor free heap: stacks, metadata, unused parts of spans. */
  readonly nonHeap: number;
}

/**
 * The heap size at which the runtime wants a collection to be over: with g = GOGC / 100 the larger of live heap +
 * (live heap + roots) · g, 4 MiB · g and live heap + 1 MiB (room to sweep in), or what GOMEMLIMIT leaves, where that is less.
 *
 * Source: Go's runtime, mgcpacer.go (commit, heapGoalInternal, memoryLimitHeapGoal), since 1.18 and 1.19. The limit's part for memory that
 * is above the limit already is left out.
 */
export function heapGoal(
  state: HeapState,
  { gogcPercent, memoryLimitBytes }: Omit<CollectorSettings, 'processors'>,
): HeapGoal {
  const factor = percent(gogcPercent);
  const proportional = Number.isFinite(factor) ? state.liveHeap + (state.liveHeap + state.roots) * factor : Infinity;
  const least = Math.max(mebibytes(4) * factor, state.liveHeap + mebibytes(1));
  const wanted = Math.max(proportional, least);
  const allowed = limitGoal(state, memoryLimitBytes);
  if (allowed < wanted) return { bytes: allowed, regime: 'limit' };
  return { bytes: wanted, regime: proportional < least ? 'floor' : 'gogc' };
}

/** Of the limit all but the rest of the memory, less 3 % or 1 MiB of head-room; never below what is live. */
function limitGoal({ liveHeap, nonHeap }: HeapState, limit: number): number {
  if (limit === Infinity) return Infinity;
  const left = limit - nonHeap;
  if (left <= 0) return liveHeap;
  const headroom = Math.max(left * limitHeadroom, mebibytes(1));
  return Math.max(liveHeap, headroom, left - headroom);
}

const limitHeadroom = 0.03;
