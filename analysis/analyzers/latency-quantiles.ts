import type { Estimate } from '../../model/finding.ts';
import { type Milliseconds, microseconds, millisecondsOf } from '../../model/units.ts';
import type { LatencyQuantiles, QuantileName } from '../analysis.ts';
import { type QuantileEstimate, batchQuantiles } from '../statistics/batch-quantiles.ts';
import { splitBatches } from '../statistics/split-batches.ts';
import { type ValueCounts, maximumOfCounts, mergeValueCounts } from '../traffic/value-counts.ts';

/** Of all intervals in an analysis. */
export const confidence = 0.95;

export const quantileNames: readonly QuantileName[] = ['0.5', '0.9', '0.99', '0.999'];

/** Why a latency is unknown or doubtful; codes of docs/warnings.md. */
export type LatencyDoubt =
  | 'too-few-exceedances'
  | 'too-few-batches'
  | 'interval-unbounded'
  | 'few-batches'
  | 'few-independent-exceedances';

/** Fewer batches than this tell little of their own spread. */
const fewestBatches = 5;
/** Fewer independent values than this beyond a quantile make its interval come out short more often than it should. */
const fewestIndependent = 10;

/** One quantile of times given second by second, in ms, with what is doubtful about it. */
export function latencyEstimate(
  seconds: readonly ValueCounts[],
  quantile: number,
): { readonly estimate: Estimate | null; readonly doubts: readonly LatencyDoubt[] } {
  const [first] = estimateAll(seconds, [quantile]);
  return first ?? { estimate: null, doubts: ['too-few-exceedances'] };
}

/** The usual quantiles and the maximum; the doubts are keyed by quantile. */
export function latencyQuantiles(seconds: readonly ValueCounts[]): {
  readonly quantiles: LatencyQuantiles;
  readonly doubts: ReadonlyMap<QuantileName, readonly LatencyDoubt[]>;
} {
  const all = estimateAll(seconds, quantileNames.map(Number));
  const at = (name: QuantileName): Estimate | null => all[quantileNames.indexOf(name)]?.estimate ?? null;
  const maxima = seconds.flatMap((second) => maximumOfCounts(second) ?? []);
  return {
    quantiles: {
      '0.5': at('0.5'),
      '0.9': at('0.9'),
      '0.99': at('0.99'),
      '0.999': at('0.999'),
      max: maxima.length === 0 ? null : inMilliseconds(Math.max(...maxima)),
    },
    doubts: new Map(quantileNames.map((name, index) => [name, all[index]?.doubts ?? []])),
  };
}

function estimateAll(
  seconds: readonly ValueCounts[],
  quantiles: readonly number[],
): readonly { readonly estimate: Estimate | null; readonly doubts: readonly LatencyDoubt[] }[] {
  const batches = splitBatches(seconds).map((batch) => mergeValueCounts(batch));
  return batchQuantiles(batches, quantiles, confidence).map((seen) => ({
    estimate: asEstimate(seen, batches.length),
    doubts: doubtsOf(seen, batches.length),
  }));
}

function asEstimate(seen: QuantileEstimate, batches: number): Estimate | null {
  if (seen.status === 'unknown') return null;
  return {
    estimate: inMilliseconds(seen.estimate),
    low: inMilliseconds(seen.low),
    high: inMilliseconds(seen.high),
    confidence,
    method: `batch means, ${batches} batches`,
  };
}

function doubtsOf(seen: QuantileEstimate, batches: number): LatencyDoubt[] {
  if (seen.status === 'unknown') return [seen.reason];
  const doubts: LatencyDoubt[] = [];
  if (batches < fewestBatches) doubts.push('few-batches');
  if (seen.effectiveExceedances < fewestIndependent) doubts.push('few-independent-exceedances');
  return doubts;
}

function inMilliseconds(value: number): Milliseconds {
  return millisecondsOf(microseconds(value));
}
