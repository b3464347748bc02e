import type { Estimate } from '../../model/finding.ts';
import { rateText } from '../../model/rate-text.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { momentsOf } from '../statistics/moments.ts';
import { type ChangedLoad, changeLoad } from './change-load.ts';
import { type MeasuredLoad, measuredLoad } from './measured-load.ts';
import { type PlausibleStation, type PlausibleStations, plausibleStations } from './plausible-stations.ts';
import { type PredictedLimiter, predictLimiter } from './predict-limiter.ts';
import { type PredictedTimes, predictedQuantiles } from './predicted-times.ts';
import { type SimulatedLoad, drawRequests, saturationOf, simulateStation } from './station.ts';
import type { WhatIfChange } from './what-if-change.ts';

export interface WhatIfAnswer {
  /** Of one instance. */
  readonly instancePerSecond: number;
  readonly measured: { readonly fromPerSecond: number; readonly toPerSecond: number; readonly stages: number } | null;
  readonly predictions: {
    /** Null beyond saturation: there is no steady response time. */
    readonly responseTimeMs: PredictedTimes | null;
    /** Of all replicas together. */
    readonly throughputPerSecond: Estimate;
    readonly limiter: PredictedLimiter | null;
    /** 1 − rate / saturation; below 0 beyond it. */
    readonly headroomShare: Estimate;
  } | null;
  readonly refused: string | null;
  /** The queue that reproduces the stages best, and how many others do so, too. */
  readonly model: {
    readonly servers: number;
    readonly heldMs: number;
    readonly aloneMs: number;
    readonly plausible: number;
  } | null;
  readonly notes: readonly string[];
}

/**
 * A service at a load or size that was not measured, from one run: every queue that reproduces the measured stages is
 * simulated at the changed load, and the answer is what they all allow. It is refused outside the measured range, for a
 * change whose effect the run never showed, where no queue reproduces the stages, and where those that do leave the
 * answer open; each with its reason.
 */
export function whatIf(record: RunRecord, change: WhatIfChange, seed: number): WhatIfAnswer {
  const load = measuredLoad(record);
  if ('refused' in load) return refusal(change.ratePerSecond ?? 0, null, [load.refused]);
  const [lowest] = load.levels;
  const highest = load.levels.at(-1);
  if (lowest === undefined || highest === undefined) throw new RangeError('a load without levels');
  const changed = changeLoad(record, load, change);
  const measured = {
    fromPerSecond: lowest.perSecond,
    toPerSecond: highest.perSecond,
    stages: load.levels.length,
  };
  const { instancePerSecond } = changed;
  if (changed.refusals.length > 0) return refusal(instancePerSecond, measured, changed.refusals);
  const plausible = plausibleStations(load, seed);
  if ('refused' in plausible) return refusal(instancePerSecond, measured, [plausible.refused]);
  const stations = changed.stationsAfter(plausible.stations);
  if ('refused' in stations) return refusal(instancePerSecond, measured, [stations.refused]);
  const predicted = predict(stations, plausible.shape, load, changed, seed);
  const [best] = stations;
  if ('refused' in predicted || best === undefined)
    return refusal(instancePerSecond, measured, 'refused' in predicted ? [predicted.refused] : []);
  const { servers, heldMs, aloneMs } = best;
  return {
    instancePerSecond,
    measured,
    predictions: {
      ...predicted,
      limiter: predictLimiter(record.plan, highest, changed, predicted.responseTimeMs),
    },
    refused: null,
    model: { servers, heldMs, aloneMs, plausible: stations.length },
    notes: changed.notes,
  };
}

function refusal(
  instancePerSecond: number,
  measured: WhatIfAnswer['measured'],
  reasons: readonly string[],
): WhatIfAnswer {
  return { instancePerSecond, measured, predictions: null, refused: reasons.join('; '), model: null, notes: [] };
}

/** So near to its saturation a queue has no response time worth telling. */
const nearSaturation = 0.97;
const requests = 120_000;
const replications = 6;
/** An interval wider than this, high over low, is no prediction: its middle may be off by 10 % (mean) or 20 % (p99). */
const widest = { mean: 1.21, p99: 1.44 } as const;
const confidence = 0.95;

type Predicted = Omit<NonNullable<WhatIfAnswer['predictions']>, 'limiter'>;

function predict(
  stations: readonly PlausibleStation[],
  shape: PlausibleStations['shape'],
  { levels, arrivals }: MeasuredLoad,
  { instancePerSecond, replicas }: ChangedLoad,
  seed: number,
): Predicted | { readonly refused: string } {
  const [best] = stations;
  if (best === undefined) throw new RangeError('no station');
  const saturations = stations.map(saturationOf);
  const headroomShare = estimateOf(
    saturations.map((saturation) => 1 - instancePerSecond / saturation),
    0,
  );
  const over = saturations.filter((saturation) => instancePerSecond > nearSaturation * saturation);
  if (over.length === stations.length && saturations.every((saturation) => saturation < instancePerSecond))
    return {
      responseTimeMs: null,
      throughputPerSecond: estimateOf(saturations.map((saturation) => replicas * saturation)),
      headroomShare,
    };
  if (over.length > 0)
    return {
      refused: `${rateText(instancePerSecond)} per instance is at or near saturation, which the stages place between ${rateText(Math.min(...saturations))} and ${rateText(Math.max(...saturations))}: measure a stage there`,
    };
  const simulate = (all: readonly PlausibleStation[], stream: number): readonly SimulatedLoad[] => {
    const drawn = drawRequests(requests, arrivals, shape.length, seed + stream);
    const load = { perSecond: instancePerSecond, shape, drawn };
    return all.map((station) => simulateStation(station, load, predictedQuantiles.map(Number)));
  };
  const simulated = simulate(stations, 0);
  const again = Array.from({ length: replications }, (_, stream) => simulate([best], stream + 1)).flat();
  const measuredError = Math.max(...levels.map(({ mean }) => mean.relativeError));
  const figure = (of: (load: SimulatedLoad) => number): Estimate => {
    const chance = momentsOf(again.map(of));
    const error = Math.hypot(Math.sqrt(chance.variance / replications) / chance.mean, measuredError);
    // All saw the same random numbers, so what chance did to the best it did to the others: the mean of more runs tells.
    const [first] = simulated;
    const correction = first === undefined ? 1 : chance.mean / of(first);
    return estimateOf(
      simulated.map((one) => correction * of(one)),
      2 * error,
    );
  };
  const quantile = (index: number): Estimate => figure(({ quantiles }) => quantiles[index] ?? Number.NaN);
  const responseTimeMs = {
    mean: figure(({ mean }) => mean),
    '0.5': quantile(0),
    '0.9': quantile(1),
    '0.99': quantile(2),
  };
  const open = [
    ['mean', responseTimeMs.mean, widest.mean],
    ['p99', responseTimeMs['0.99'], widest.p99],
  ] as const;
  const wide = open.filter(([, { low, high }, most]) => !(high <= most * low));
  if (wide.length > 0)
    return {
      refused: `the stages leave open too much: ${wide.map(([name, { low, high }]) => `${name} ${text(low)} to ${text(high)} ms`).join(', ')}; measure longer, or a stage nearer to ${rateText(instancePerSecond)}`,
    };
  const throughput = replicas * instancePerSecond;
  return { responseTimeMs, throughputPerSecond: estimateOf([throughput]), headroomShare };
}

/** The ends are those of all, widened by a relative error; the estimate is the middle, so that neither end is far off. */
function estimateOf(values: readonly number[], error = 0): Estimate {
  const [low, high] = [Math.min(...values) * Math.exp(-error), Math.max(...values) * Math.exp(error)];
  return {
    estimate: low > 0 ? Math.sqrt(low * high) : (low + high) / 2,
    low,
    high,
    confidence,
    method: 'all queues that reproduce the measured stages, simulated',
  };
}

const text = (value: number): string => String(Number(value.toPrecision(3)));
