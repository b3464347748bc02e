import { milliseconds, seconds } from '../../model/units.ts';
import type { PoolAnalysis } from '../analysis.ts';
import type { PoolSignals } from '../metrics/pool-signals.ts';
import type { StageReadings } from './stage-readings.ts';

/** A pool in a stage. An unlimited pool has no `maxOpen`. */
export function poolFigures(pool: PoolSignals, readings: StageReadings): PoolAnalysis {
  return {
    name: pool.name,
    maxOpen: readings.maximum(pool.maxOpen),
    inUse: readings.mean(pool.inUse),
    waitCountPerSecond: readings.perSecond(pool.waitCount),
    waitMsPerRequest: readings.perRequest(pool.waitMs),
    holdMs: holdTime(pool, readings),
  };
}

/**
 * How long a connection is out: measured where the exporter times it, else by Little's law, mean in use / rate of
 * acquiring. Null where that rate is not known; database/sql does not tell it.
 */
function holdTime(pool: PoolSignals, readings: StageReadings): number | null {
  const measured = readings.share(pool.useMs, pool.useCount);
  if (measured !== null) return measured;
  const inUse = readings.mean(pool.inUse);
  const rate = readings.perSecond(pool.acquireCount ?? pool.useCount);
  return inUse === null || rate === null || rate === 0 ? null : milliseconds((inUse * seconds(1)) / rate);
}
