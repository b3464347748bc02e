import type { Interval, PoolCell, PoolReading } from '../../../model/pool-decision.ts';
import { milliseconds } from '../../../model/units.ts';
import { momentsOf } from '../../statistics/moments.ts';
import { studentTQuantile } from '../../statistics/student-t.ts';

/** All runs with one pool size as one cell. What some run does not know is not known. */
export function poolCell(size: number, readings: readonly [PoolReading, ...PoolReading[]]): PoolCell {
  const [first] = readings;
  const all = (of: (reading: PoolReading) => Interval | null): Interval | null => {
    const figures = readings.map(of).filter((figure) => figure !== null);
    return figures.length === readings.length ? combined(figures) : null;
  };
  const latencies = readings.flatMap(({ latency }) => latency ?? []);
  return {
    size,
    repeats: readings.length,
    offered: readings.some(({ offered }) => offered !== first.offered) ? null : first.offered,
    throughput: combined(readings.map(({ throughput }) => throughput)),
    hold: all(({ hold }) => hold),
    wait: all(({ wait }) => wait),
    waiting: all(({ waiting }) => waiting),
    waitOver: all(({ waitOver }) => waitOver),
    inUse: all(({ inUse }) => inUse),
    errors: mean(readings.map(({ errors }) => errors)),
    latency: latencies.length === readings.length ? milliseconds(mean(latencies)) : null,
  };
}

const mean = (values: readonly number[]): number => momentsOf(values).mean;

/**
 * The mean of independent runs' figures. From three runs on its interval is Student's t between the runs: the run is the unit
 * of replication, and what is uncertain within a run is in that spread too. Of one or two runs, which say too little of it,
 * their own intervals add in quadrature. Nothing here is ever below 0.
 */
function combined(figures: readonly Interval[]): Interval {
  const { mean: estimate, variance } = momentsOf(figures.map((figure) => figure.estimate));
  const count = figures.length;
  const within = (side: (figure: Interval) => number): number => Math.hypot(...figures.map(side)) / count;
  const between = count < 3 ? null : studentTQuantile(0.975, count - 1) * Math.sqrt(variance / count);
  return {
    estimate,
    low: Math.max(0, estimate - (between ?? within((figure) => figure.estimate - figure.low))),
    high: estimate + (between ?? within((figure) => figure.high - figure.estimate)),
  };
}
