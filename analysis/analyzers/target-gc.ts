import type { Estimate } from '../../model/finding.ts';
import { type EpochMilliseconds, type Ratio, between, ratio } from '../../model/units.ts';
import { differenceOfSeries } from '../metrics/combine-series.ts';
import { type Between, histogramIn, quantileBetween } from '../metrics/histogram-series.ts';
import { pointsIn, valueAt } from '../metrics/series-window.ts';
import type { HistogramSignal } from '../metrics/signal.ts';
import type { TargetSignals } from '../metrics/target-signals.ts';
import { quantile } from '../statistics/quantile.ts';
import { skewedMeanInterval } from '../statistics/skewed-mean-interval.ts';
import { splitBatches } from '../statistics/split-batches.ts';
import { confidence } from './latency-quantiles.ts';
import type { StageReadings } from './stage-readings.ts';

/** What the garbage collector cost in a stage. */
export interface CollectorFigures {
  readonly cpuShare: Ratio | null;
  /** The same with its interval; null where too few collections ended in the window for one. */
  readonly cpu: Estimate | null;
  /** Collections that ended in the window, by the CPU counters' changes; null where these are not known. */
  readonly cycles: number | null;
  readonly pauseP99: Between | null;
}

export function collectorFigures(signals: TargetSignals, readings: StageReadings): CollectorFigures {
  const intervals = cpuIntervals(signals, readings);
  const cycles = readings.increase(signals.gc.cycles)?.value ?? null;
  const pauseP99 = pauseBounds(signals, readings);
  const available = intervals.reduce((sum, interval) => sum + interval.available, 0);
  if (available === 0) return { cpuShare: null, cpu: null, cycles, pauseP99 };
  const share = intervals.reduce((sum, interval) => sum + interval.used, 0) / available;
  return { cpuShare: ratio(share), cpu: shareEstimate(intervals, share), cycles, pauseP99 };
}

interface CpuInterval {
  readonly used: number;
  readonly available: number;
}

/**
 * From one change of the counters to the next: they move only when a collection ends (go-runtime.md §1.3), so anything
 * between two changes would divide CPU of one time by that of another. Idle marking costs the service nothing and is
 * left out; available is GOMAXPROCS × time, as for Go's own GCCPUFraction.
 */
function cpuIntervals({ gc, scheduler }: TargetSignals, readings: StageReadings): CpuInterval[] {
  const { cpu } = gc;
  if (cpu === null) return [];
  const used = cpu.idleMs === null ? cpu.totalMs.series : differenceOfSeries(cpu.totalMs.series, cpu.idleMs.series);
  const changes = pointsIn(cpu.totalMs.series, readings.window).filter(
    ({ value }, index, all) => index > 0 && value !== all[index - 1]?.value,
  );
  const processors = readings.mean(scheduler.gomaxprocs);
  const availableBetween = (from: EpochMilliseconds, to: EpochMilliseconds): number | null => {
    const counter = cpu.availableMs;
    if (counter === null) return processors === null ? null : processors * between(from, to);
    const [first, last] = [valueAt(counter.series, from), valueAt(counter.series, to)];
    return first === null || last === null ? null : last - first;
  };
  return changes.slice(1).flatMap(({ at }, index): CpuInterval[] => {
    const from = changes[index]?.at ?? at;
    const [before, now] = [valueAt(used, from), valueAt(used, at)];
    const available = availableBetween(from, at);
    // A counter that fell is a restart; its interval says nothing.
    if (before === null || now === null || available === null || now < before || available <= 0) return [];
    return [{ used: now - before, available }];
  });
}

function shareEstimate(intervals: readonly CpuInterval[], share: number): Estimate | null {
  const batches = splitBatches(intervals);
  if (batches.length < 2) return null;
  const sizes = batches.map((batch) => batch.reduce((sum, { available }) => sum + available, 0));
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const excess = batches.map(
    (batch, index) => batch.reduce((sum, { used }) => sum + used, 0) - share * (sizes[index] ?? 0),
  );
  const { low, high } = skewedMeanInterval(excess, confidence);
  return {
    estimate: share,
    low: Math.max(0, share + low / mean),
    high: share + high / mean,
    confidence,
    method: `batch means between GC cycles, ${batches.length} batches`,
  };
}

function pauseBounds({ gc, gcPauses }: TargetSignals, readings: StageReadings): Between | null {
  const { from, to } = readings.window;
  const exact = (gcPauses?.pauses ?? []).filter(({ endedAt }) => endedAt >= from && endedAt <= to);
  const p99 = quantile(
    exact.map(({ durationMs }) => durationMs),
    0.99,
  );
  return p99 === null ? histogramBounds(gc.pauses, readings) : { low: p99, high: p99 };
}

export function histogramBounds(signal: HistogramSignal | null, readings: StageReadings): Between | null {
  const increase = signal === null ? null : histogramIn(signal.histogram, readings.window);
  return increase === null || increase.resets.length > 0 ? null : quantileBetween(increase, 0.99);
}

/** The upper end of what is known, since a figure that may be larger must not be told smaller; null above all buckets. */
export function upperEnd(bounds: Between | null): number | null {
  return bounds !== null && Number.isFinite(bounds.high) ? bounds.high : null;
}
