import { inSeconds, seconds } from '../../../model/units.ts';
import type { CollectorObservation } from '../../models/garbage-collector/collector-observation.ts';
import type { CollectorPrediction } from '../../models/garbage-collector/predict-collector.ts';

/** Whether GOGC=off with the memory limit alone would be safe, and if not, what stands against it. */
export interface GogcOff {
  readonly allowed: boolean;
  readonly against: readonly string[];
}

/**
 * GOGC=off lets the memory limit alone decide: with a leak, a neighbour in the container or little room it ends in collections
 * that take half of the processors for hours (golang/go#58106). So it takes an exclusive container, a live heap that was seen
 * not to grow for ten minutes, and half of the live heap as room.
 */
export function judgeGogcOff(
  exclusive: boolean,
  observations: readonly CollectorObservation[],
  prediction: CollectorPrediction,
): GogcOff {
  const long = observations.filter(({ durationMs }) => durationMs >= longEnough);
  const growing = long.filter(({ liveHeapGrowthPerHour: growth }) => growth === null || growth > steady);
  const against = [
    ...(exclusive ? [] : ['it was not said that the container holds nothing but this process (--exclusive)']),
    ...(long.length === 0 ? [`no stage of ${inSeconds(longEnough)} s shows that the live heap does not grow`] : []),
    ...(growing.length > 0 ? [`the live heap grew in ${growing.map(({ name }) => name).join(', ')}`] : []),
    ...(prediction.status === 'predicted' && prediction.headroom >= leastRoom
      ? []
      : ['the limit leaves less than half of the live heap as room to allocate in']),
  ];
  return { allowed: against.length === 0, against };
}

const longEnough = seconds(600);
/** Share of the live heap per hour that counts as no growth. */
const steady = 0.05;
const leastRoom = 0.5;
