import type { Estimate } from '../../../model/finding.ts';
import { nanoseconds } from '../../../model/units.ts';
import { expandedPercentileInterval } from '../../statistics/bootstrap-interval.ts';
import type { CollectorModel } from './collector-model.ts';
import type { KnownCollector } from './known-collector.ts';

/** Null where the stages don't tell it, or can't tell it from another. */
export type CollectorParameters = Readonly<Record<keyof typeof parameters, Estimate | null>>;

/** In the units of their names. A slope that was not fitted is exactly 0, and not told. */
const parameters = {
  allocBytesPerRequest: ({ allocation }) => allocation.perRequest,
  allocBytesPerSecondWithoutLoad: ({ allocation }) => allocation.base,
  liveHeapBytesWithoutLoad: ({ liveHeap }) => liveHeap.base,
  liveHeapBytesPerRequestPerSecond: ({ liveHeap }) => liveHeap.perRate,
  floatingShare: ({ liveHeap }) => liveHeap.floating,
  liveHeapP95OverMean: ({ liveHeap }) => liveHeap.spread,
  rootsBytesWithoutLoad: ({ roots }) => roots.base,
  rootsBytesPerRequestPerSecond: ({ roots }) => roots.perRate,
  usedShareOfRoom: ({ use }) => (use.kind === 'constant' ? use.share : null),
  pacerRunway: ({ use }) => (use.kind === 'pacer' ? use.runway : null),
  pacerShareWhileMarking: ({ use }) => (use.kind === 'pacer' ? use.whileMarking : null),
  cpuMsPerCycle: ({ cost }) => cost?.base ?? null,
  cpuMsPerCyclePerRequestPerSecond: ({ cost }) => cost?.perRate || null,
  cpuNanosecondsPerScannedByte: ({ cost }) => (cost?.perByte ?? 0) / nanoseconds(1) || null,
  nonHeapBytes: ({ nonHeap }) => nonHeap?.base ?? null,
  nonHeapPerGoalByte: ({ nonHeap }) => nonHeap?.perGoal || null,
  peakBytesBeyondHeap: ({ peak }) => peak?.base ?? null,
  peakPerHeapByte: ({ peak }) => peak?.perHeap ?? null,
} as const satisfies Readonly<Record<string, (model: CollectorModel) => number | null>>;

/** All parameters of the model with their 95 % intervals, from models refitted to resampled stages. */
export function collectorParameters({ model, resampled, observations }: KnownCollector): CollectorParameters {
  const estimateOf = (parameter: (model: CollectorModel) => number | null): Estimate | null => {
    const estimate = parameter(model);
    const values = resampled.flatMap((each) => parameter(each) ?? []);
    if (estimate === null || values.length === 0) return null;
    const { low, high } = expandedPercentileInterval(values, observations.length, 0.95);
    return {
      estimate,
      low: Math.min(low, estimate),
      high: Math.max(high, estimate),
      confidence: 0.95,
      method: `least squares of relative deviations; ${observations.length} stages resampled (bootstrap, expanded percentiles)`,
    };
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each of `parameters`
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, estimateOf(parameter)]),
  ) as CollectorParameters;
}
