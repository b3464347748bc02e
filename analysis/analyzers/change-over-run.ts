import type { EpochMilliseconds } from '../../model/units.ts';
import type { Signal } from '../metrics/signal.ts';

/** From a signal's first reading to its last; null where that was not taken after `end`, when nothing was left to do. */
export function changeOverRun(signal: Signal | null, end: EpochMilliseconds): number | null {
  if (signal === null) return null;
  const { at, values } = signal.series;
  const [first, last] = [values.find(Number.isFinite), values.at(-1)];
  const lastAt = at.at(-1);
  if (first === undefined || last === undefined || lastAt === undefined || lastAt < end) return null;
  return Number.isFinite(last) ? last - first : null;
}
