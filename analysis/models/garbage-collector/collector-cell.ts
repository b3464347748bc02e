import { eventsIn, inSeconds, milliseconds, perSecond } from '../../../model/units.ts';
import { percentText } from '../../percent-text.ts';
import type { CollectorModel, CycleCost } from './collector-model.ts';
import type { CollectorSettings } from './collector-settings.ts';
import { type GoalRegime, heapGoal } from './heap-goal.ts';
import { usedShare } from './heap-use.ts';

/** One combination of settings and load. */
export interface CollectorCell extends CollectorSettings {
  readonly requestsPerSecond: number;
}

/** How the collector behaves in a cell. */
export interface CollectorBehaviour {
  readonly regime: GoalRegime;
  /** Bytes; the means over collections. */
  readonly liveHeap: number;
  readonly heapGoal: number;
  readonly allocatedPerSecond: number;
  readonly cyclesPerSecond: number;
  /** Of all processors, without idle marking; null where the cost of a collection is not known. */
  readonly gcCpuShare: number | null;
  /** Part of the time in which a collection runs, with all processors busy; null likewise. */
  readonly duty: number | null;
  /** What is allocated while marking, over goal − live heap; null likewise. Above `assistOnset` goroutines have to help. */
  readonly overlap: number | null;
  /** (goal − live heap) / live heap. */
  readonly headroom: number;
  /** Most memory that counts against GOMEMLIMIT; null where nothing tells it. */
  readonly peakRuntimeBytes: number | null;
}

/** No prediction holds here: the collector runs all the time, memory overshoots, and throughput falls. */
export interface Thrash {
  readonly regime: 'thrash';
  readonly reason: string;
}

/**
 * The fixed point of live heap, goal, cycle length and mark time: what is allocated while marking is live afterwards,
 * moves the goal, and with it how often there is marking.
 *
 * Source: the rules of Go's pacer (mgcpacer.go); background marking takes a quarter of the processors.
 */
export function behaviourIn(model: CollectorModel, cell: CollectorCell): CollectorBehaviour | Thrash {
  const { requestsPerSecond: rate, processors } = cell;
  const allocated = model.allocation.base + model.allocation.perRequest * rate;
  const roots = model.roots.base + model.roots.perRate * rate;
  let liveHeap = model.liveHeap.base + model.liveHeap.perRate * rate;
  let goal = goalAt(model, cell, liveHeap, roots);
  for (let round = 0; ; round++) {
    const cost = model.cost === null ? null : cycleCost(model.cost, liveHeap + roots, rate);
    const markMs = cost === null ? 0 : cost / (backgroundShare * processors);
    const whileMarking = eventsIn(perSecond(allocated), milliseconds(markMs));
    const next = model.liveHeap.base + model.liveHeap.perRate * rate + (model.liveHeap.floating ?? 0) * whileMarking;
    goal = goalAt(model, cell, next, roots);
    const settled = Math.abs(next - liveHeap) <= settledShare * next;
    liveHeap = next;
    if (!settled && round < mostRounds) continue;
    if (!settled || !Number.isFinite(liveHeap))
      return thrash('marking never catches up with what is allocated meanwhile');
    return verdictOf(cell, model, { liveHeap, roots, goal, allocated, cost, markMs, whileMarking });
  }
}

interface Settled {
  readonly liveHeap: number;
  readonly roots: number;
  readonly goal: { readonly bytes: number; readonly regime: GoalRegime };
  readonly allocated: number;
  readonly cost: number | null;
  readonly markMs: number;
  readonly whileMarking: number;
}

function verdictOf(cell: CollectorCell, model: CollectorModel, settled: Settled): CollectorBehaviour | Thrash {
  const { liveHeap, goal, allocated, cost, markMs, whileMarking } = settled;
  const room = goal.bytes - liveHeap;
  const headroom = room / liveHeap;
  if (goal.regime === 'limit' && !(headroom >= leastHeadroom))
    return thrash(
      `the memory limit leaves ${percentText(Math.max(headroom, 0))} of the live heap as room to allocate in, and below about ${percentText(leastHeadroom)} nothing can be predicted`,
    );
  if (!Number.isFinite(goal.bytes)) return thrash('GOGC is off and there is no memory limit: nothing ends the growth');
  const overlap = cost === null ? null : whileMarking / room;
  const used = usedShare(model.use, overlap ?? 0);
  const cyclesPerSecond = allocated / (used * room);
  const duty = cost === null ? null : inSeconds(milliseconds(cyclesPerSecond * markMs));
  const gcCpuShare = cost === null ? null : inSeconds(milliseconds(cyclesPerSecond * cost)) / cell.processors;
  if ((duty ?? 0) >= mostDuty || (gcCpuShare ?? 0) >= mostCpuShare)
    return thrash(
      `collections would run ${percentText(duty ?? 0)} of the time and take ${percentText(gcCpuShare ?? 0)} of the processors`,
    );
  return {
    regime: goal.regime,
    liveHeap,
    heapGoal: goal.bytes,
    allocatedPerSecond: allocated,
    cyclesPerSecond,
    gcCpuShare,
    duty,
    overlap,
    headroom,
    peakRuntimeBytes: peakOf(cell, model, settled, used),
  };
}

function goalAt(
  model: CollectorModel,
  cell: CollectorCell,
  liveHeap: number,
  roots: number,
): { readonly bytes: number; readonly regime: GoalRegime } {
  const { base, perGoal } = model.nonHeap ?? { base: 0, perGoal: 0 };
  let goal = heapGoal({ liveHeap, roots, nonHeap: base }, cell);
  // What is not heap grows with the heap, and leaves the limit's goal less; without a limit it does not matter.
  for (let round = 0; cell.memoryLimitBytes < Infinity && round < nonHeapRounds; round++)
    goal = heapGoal({ liveHeap, roots, nonHeap: base + perGoal * goal.bytes }, cell);
  return goal;
}

/** CPU time of a collection, in milliseconds. @param reachable live heap and roots */
export function cycleCost(cost: CycleCost, reachable: number, rate: number): number {
  return Math.max(0, cost.base + cost.perRate * rate + cost.perByte * cost.scannedShare * reachable);
}

/** From a high live heap, since memory that was needed once stays for a while; the limit holds it down. */
function peakOf(cell: CollectorCell, model: CollectorModel, { liveHeap, roots }: Settled, used: number): number | null {
  if (model.peak === null) return null;
  const high = liveHeap * model.liveHeap.spread;
  const goal = goalAt(model, cell, high, roots);
  const heap = high + used * (goal.bytes - high);
  const nonHeap = (model.nonHeap?.base ?? 0) + (model.nonHeap?.perGoal ?? 0) * goal.bytes;
  const free = model.peak.base + model.peak.perHeap * heap;
  return Math.max(heap + nonHeap, Math.min(free, cell.memoryLimitBytes));
}

const thrash = (reason: string): Thrash => ({ regime: 'thrash', reason });

/** Of the processors, that background marking may take. */
export const backgroundShare = 0.25;
/** Marking that lasts while more than this part of goal − live heap is allocated makes goroutines assist. */
export const assistOnset = 0.3;
/**
 * Below 0.3 a limited collector was seen to overshoot its limit and to halve the throughput, at 0.5 it never was: the
 * middle leaves room for an error of the fit to both sides.
 */
const leastHeadroom = 0.4;
const mostDuty = 0.9;
const mostCpuShare = 0.4;
const settledShare = 1e-9;
const mostRounds = 200;
const nonHeapRounds = 20;
