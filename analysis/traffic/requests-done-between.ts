import { type EpochMilliseconds, between, inSeconds } from '../../model/units.ts';
import type { DecodedTraffic } from './decode-traffic.ts';

/**
 * Requests done that were due between two instants; of a second that lies partly between them the same part. Null where
 * none was: then there is nothing to divide a cost by.
 */
export function requestsDoneBetween(
  { measurement, stages }: DecodedTraffic,
  from: EpochMilliseconds,
  to: EpochMilliseconds,
): number | null {
  const [first, last] = [from, to].map((instant) => inSeconds(between(measurement.startedAt, instant)));
  let done = 0;
  for (const { all } of stages)
    for (const { second, books } of all.seconds) {
      const inside = Math.min(second + 1, last ?? 0) - Math.max(second, first ?? 0);
      if (inside > 0) done += books.done * inside;
    }
  return done === 0 ? null : done;
}
