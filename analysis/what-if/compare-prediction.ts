import type { RunRecord } from '../../model/run-record.ts';
import { answerOf } from '../analyzers/analyzer.ts';
import { trafficPerStage } from '../analyzers/traffic-per-stage.ts';
import { decodeRecord } from '../decode-record.ts';
import { timeQuantile } from '../traffic/value-counts.ts';
import { measuredLevels } from './measured-load.ts';
import { type PredictedTimes, predictedQuantiles } from './predicted-times.ts';
import type { WhatIfAnswer } from './what-if.ts';

/** A predicted figure beside what was observed; null: it could not be. */
export interface Compared {
  readonly predicted: number;
  readonly observed: number | null;
  /** observed / predicted. */
  readonly ratio: number | null;
}

export interface ComparedPrediction {
  readonly throughputPerSecond: Compared;
  /** Null where no times were predicted: beyond saturation. */
  readonly responseTimeMs: Readonly<Record<keyof PredictedTimes, Compared>> | null;
  /** Throughput and mean within 10 %, p99 within 20 %; null: the observed run tells nothing. */
  readonly agrees: boolean | null;
}

/** How far off a prediction may be. */
const allowed = { throughput: 0.1, mean: 0.1, p99: 0.2 } as const;

/** A prediction for one instance beside a run of one hold stage at the predicted rate. */
export function comparePrediction(
  { responseTimeMs, throughputPerSecond }: NonNullable<WhatIfAnswer['predictions']>,
  record: RunRecord,
): ComparedPrediction {
  const figures = answerOf(trafficPerStage.ask(decodeRecord(record)));
  const stage = figures?.find((one) => one.stage.kind === 'hold')?.stage ?? null;
  const { levels, validHolds } = measuredLevels(record);
  const [level = null] = levels;
  const throughput = beside(
    throughputPerSecond.estimate,
    validHolds === 0 ? null : (stage?.completedPerSecond ?? null),
  );
  if (responseTimeMs === null)
    return { throughputPerSecond: throughput, responseTimeMs: null, agrees: within(throughput, allowed.throughput) };
  const quantile = (name: (typeof predictedQuantiles)[number]): Compared =>
    beside(responseTimeMs[name].estimate, level === null ? null : timeQuantile(level.counts, Number(name)));
  const times = {
    mean: beside(responseTimeMs.mean.estimate, level?.mean.value ?? null),
    '0.5': quantile('0.5'),
    '0.9': quantile('0.9'),
    '0.99': quantile('0.99'),
  };
  const agreements = [
    within(throughput, allowed.throughput),
    // A service that did not keep up has no steady response time, and it was predicted to have one.
    level === null && validHolds > 0 ? false : within(times.mean, allowed.mean),
    level === null && validHolds > 0 ? false : within(times['0.99'], allowed.p99),
  ];
  return {
    throughputPerSecond: throughput,
    responseTimeMs: times,
    agrees: agreements.includes(false) ? false : agreements.includes(null) ? null : true,
  };
}

function beside(predicted: number, observed: number | null): Compared {
  return { predicted, observed, ratio: observed === null ? null : observed / predicted };
}

function within({ ratio }: Compared, most: number): boolean | null {
  return ratio === null ? null : Math.abs(ratio - 1) <= most;
}
