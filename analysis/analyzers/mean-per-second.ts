import type { Estimate } from '../../model/finding.ts';
import { between, rateOf } from '../../model/units.ts';
import { pointsIn } from '../metrics/series-window.ts';
import type { Signal } from '../metrics/signal.ts';
import { skewedMeanInterval } from '../statistics/skewed-mean-interval.ts';
import { confidence } from './latency-quantiles.ts';
import type { StageReadings } from './stage-readings.ts';

/** Fewer differences of readings than this tell no spread. */
const fewest = 5;

/**
 * How much a counter counts per second of a steady window, with an interval from the spread between its readings. Null
 * for too few readings, and where it began anew.
 */
export function meanPerSecond(signal: Signal | null, readings: StageReadings): Estimate | null {
  if (signal === null) return null;
  const points = pointsIn(signal.series, readings.window).filter(({ value }) => Number.isFinite(value));
  const rates = points.slice(1).flatMap(({ at, value }, index) => {
    const before = points[index];
    return before === undefined || at <= before.at ? [] : [rateOf(value - before.value, between(before.at, at))];
  });
  if (rates.length < fewest || rates.some((rate) => rate < 0)) return null;
  const estimate = readings.perSecond(signal);
  if (estimate === null) return null;
  const { low, high } = skewedMeanInterval(rates, confidence);
  return {
    estimate,
    low: Math.min(low, estimate),
    high: Math.max(high, estimate),
    confidence,
    method: `mean of ${rates.length} differences between readings`,
  };
}
