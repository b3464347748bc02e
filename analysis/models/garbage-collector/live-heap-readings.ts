import { mebibytes, percent } from '../../../model/units.ts';
import { type TimeWindow, meanIn, pointsIn } from '../../metrics/series-window.ts';
import type { Signal } from '../../metrics/signal.ts';
import type { TargetSignals } from '../../metrics/target-signals.ts';
import type { CollectorSource } from './collector-observation.ts';
import type { CollectorSettings } from './collector-settings.ts';
import { heapGoal } from './heap-goal.ts';
import { nonHeapSeries } from './non-heap-series.ts';

/** The live heap at each reading, and the mean of the roots; null where they can't be known. */
export interface LiveHeapReadings {
  readonly source: CollectorSource;
  readonly readings: readonly number[] | null;
  readonly roots: number;
}

/**
 * As runtime/metrics or gctrace tell it. MemStats does not: there it follows from the goal, (goal − g · roots) / (1 + g) with
 * g = GOGC / 100, as long as neither the limit nor the least heap of 4 MiB · g sets the goal; its roots are the stacks in
 * use, which hold more than what is scanned of them.
 */
export function liveHeapReadings(
  { memory }: TargetSignals,
  settings: CollectorSettings,
  window: TimeWindow,
): LiveHeapReadings {
  const { liveHeapBytes: live, heapGoalBytes: goal } = memory;
  if (live !== null) {
    const roots = meanOrZero(memory.scannableStackBytes, window) + meanOrZero(memory.scannableGlobalsBytes, window);
    const source = live.provenance.collector === 'gctrace' ? 'gctrace' : 'runtime-metrics';
    return { source, roots, readings: pointsIn(live.series, window).map(({ value }) => value) };
  }
  const roots = meanOrZero(memory.stacksInUseBytes, window);
  const share = percent(settings.gogcPercent);
  const readings = goal === null ? [] : pointsIn(goal.series, window).map(({ value }) => value);
  const rest = nonHeapSeries(memory);
  const nonHeap = rest === null ? null : meanIn(rest, window);
  const setByGogc = readings.length > 0 && readings.every((value) => isSetByGogc(value, settings, nonHeap));
  if (!setByGogc) return { source: 'memstats', roots, readings: null };
  return { source: 'memstats', roots, readings: readings.map((value) => (value - share * roots) / (1 + share)) };
}

function isSetByGogc(
  goal: number,
  { gogcPercent, memoryLimitBytes }: CollectorSettings,
  nonHeap: number | null,
): boolean {
  if (!Number.isFinite(gogcPercent) || goal <= mebibytes(4) * percent(gogcPercent) * clearly) return false;
  if (memoryLimitBytes === Infinity) return true;
  if (nonHeap === null) return false;
  const byLimit = heapGoal({ liveHeap: 0, roots: 0, nonHeap }, { gogcPercent: Infinity, memoryLimitBytes });
  return goal * clearly < byLimit.bytes;
}

const meanOrZero = (signal: Signal | null, window: TimeWindow): number =>
  signal === null ? 0 : (meanIn(signal.series, window) ?? 0);

/** Nearer than that the two can't be told apart. */
const clearly = 1.02;
