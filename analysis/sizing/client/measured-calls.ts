import { type PerSecond, between, milliseconds, rateOf } from '../../../model/units.ts';
import type { HistogramSeries } from '../../metrics/histogram-series.ts';
import { pointsIn } from '../../metrics/series-window.ts';
import { splitBatches } from '../../statistics/split-batches.ts';
import { Completions } from '../../traffic/completions.ts';
import type { DecodedTraffic } from '../../traffic/decode-traffic.ts';
import { StageReadings } from '../../analyzers/stage-readings.ts';
import { batchWindows } from '../batch-windows.ts';
import { type MeasuredTimes, measuredTimes } from '../measured-times.ts';
import type { HoldStage, TimeAtRate } from '../pool/measured-hold.ts';

/** Calls of the target to one server behind it, in one valid hold stage; `hold` is the mean time of a call, ms. */
export interface MeasuredCalls extends TimeAtRate {
  readonly stage: number;
  readonly name: string;
  readonly callsPerSecond: PerSecond;
  readonly times: MeasuredTimes;
}

/**
 * The calls that a histogram of the target timed, in rising order of the rate of requests. A stage with too few readings,
 * or without a call, is left out.
 *
 * @param histogram of call times, ms
 */
export function measuredCalls(
  histogram: HistogramSeries,
  traffic: DecodedTraffic,
  stages: readonly HoldStage[],
): readonly MeasuredCalls[] {
  const completions = new Completions(traffic);
  const valid = new Set(
    stages.filter(({ kind, validity }) => kind === 'hold' && validity.status === 'valid').map(({ index }) => index),
  );
  return traffic.stages
    .filter(({ index }) => valid.has(index))
    .flatMap((stage): readonly MeasuredCalls[] => {
      const readings = new StageReadings(traffic.measurement.startedAt, stage, completions);
      const points = histogram.count === null ? [] : pointsIn(histogram.count, readings.window);
      const [first, last] = [points[0], points.at(-1)];
      if (first === undefined || last === undefined || points.length < fewestReadings) return [];
      const times = measuredTimes(histogram, batchWindows(splitBatches(points)));
      const length = between(first.at, last.at);
      const requests = rateOf(readings.answeredIn({ from: first.at, to: last.at }), length);
      if (times === null || !(requests > 0)) return [];
      return [
        {
          stage: stage.index,
          name: stage.stage.name,
          requestsPerSecond: requests,
          callsPerSecond: rateOf(times.count, milliseconds(length)),
          hold: times.mean,
          times,
        },
      ];
    })
    .toSorted((one, other) => one.requestsPerSecond - other.requestsPerSecond);
}

const fewestReadings = 5;
