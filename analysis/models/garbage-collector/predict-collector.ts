import type { Estimate } from '../../../model/finding.ts';
import { seededRandom } from '../../../model/random.ts';
import { rateText } from '../../../model/rate-text.ts';
import { expandedPercentileInterval } from '../../statistics/bootstrap-interval.ts';
import { type CollectorCell, type CollectorBehaviour, assistOnset, behaviourIn } from './collector-cell.ts';
import type { CollectorModel } from './collector-model.ts';
import { type KnownCollector, type PredictedQuantity, predictedQuantities } from './known-collector.ts';

/** What is to be expected of a cell: of each quantity the prediction for one more stage, with its interval. */
export type CollectorPrediction =
  | ({
      readonly status: 'predicted';
      readonly regime: CollectorBehaviour['regime'];
      readonly headroom: number;
      readonly assists: boolean | null;
    } & { readonly [Quantity in PredictedQuantity]: Estimate | null })
  | { readonly status: 'thrash'; readonly reason: string }
  | { readonly status: 'beyond-range'; readonly reason: string };

/**
 * Predicts a cell: any GOGC, memory limit and number of requests, on as many processors as were measured. The interval holds
 * one more stage at that setting: its ends come from models refitted to resampled stages, each times how far a stage drawn at
 * random was off. Refused above 1.25 × the highest rate that was measured.
 *
 * Source of the interval: Davison and Hinkley, Bootstrap Methods and their Application, 1997, 6.3.3.
 */
export function predictCollector(known: KnownCollector, cell: Omit<CollectorCell, 'processors'>): CollectorPrediction {
  const { highestRate, processors, observations } = known;
  if (cell.requestsPerSecond > highestRate * furthest)
    return {
      status: 'beyond-range',
      reason: `${rateText(cell.requestsPerSecond)} is beyond what was measured: the highest stage answered ${rateText(highestRate)}, and ${furthest} times that is as far as a prediction goes`,
    };
  const whole = { ...cell, processors };
  const behaviour = behaviourIn(known.model, whole);
  if (behaviour.regime === 'thrash') return { status: 'thrash', reason: behaviour.reason };
  const others = known.resampled.map((model) => behaviourIn(model, whole)).filter((each) => each.regime !== 'thrash');
  const random = seededRandom(1);
  const estimates = Object.fromEntries(
    predictedQuantities.map((quantity): [PredictedQuantity, Estimate | null] => {
      const estimate = behaviour[quantity];
      const deviations = known.deviations[quantity];
      const values = others.flatMap((each) => {
        const value = each[quantity];
        if (value === null) return [];
        const deviating = value * (deviations[random.below(deviations.length)] ?? 1);
        // What would be above the limit is held down by it.
        return [
          quantity === 'peakRuntimeBytes' ? Math.min(deviating, Math.max(value, cell.memoryLimitBytes)) : deviating,
        ];
      });
      if (estimate === null || values.length === 0) return [quantity, null];
      const { low, high } = expandedPercentileInterval(values, observations.length, confidence);
      return [
        quantity,
        { estimate, low: Math.min(low, estimate), high: Math.max(high, estimate), confidence, method: method(known) },
      ];
    }),
  );
  return {
    status: 'predicted',
    regime: behaviour.regime,
    headroom: behaviour.headroom,
    assists: behaviour.overlap === null ? null : behaviour.overlap > assistOnset,
    liveHeap: estimates['liveHeap'] ?? null,
    heapGoal: estimates['heapGoal'] ?? null,
    allocatedPerSecond: estimates['allocatedPerSecond'] ?? null,
    cyclesPerSecond: estimates['cyclesPerSecond'] ?? null,
    gcCpuShare: estimates['gcCpuShare'] ?? null,
    peakRuntimeBytes: estimates['peakRuntimeBytes'] ?? null,
  };
}

const method = ({ observations }: KnownCollector): string =>
  `prediction for one more stage: ${observations.length} stages resampled (bootstrap, expanded percentiles), with their own deviations`;

/** A rate of requests at which something begins; `high` is null where some resamples don't see it at all. */
export interface OnsetRate extends Omit<Estimate, 'high'> {
  readonly high: number | null;
}

/** The load from which the memory limit, not GOGC, sets the heap goal; null where that is not within reach. */
export function crossoverRate(
  known: KnownCollector,
  settings: Omit<CollectorCell, 'requestsPerSecond' | 'processors'>,
): OnsetRate | null {
  return onsetRate(known, (model, requestsPerSecond) => {
    const { regime } = behaviourIn(model, { ...settings, processors: known.processors, requestsPerSecond });
    return regime === 'limit' || regime === 'thrash';
  });
}

/** The load from which goroutines have to help marking; null where that is not within reach, or the mark cost unknown. */
export function assistRate(
  known: KnownCollector,
  settings: Omit<CollectorCell, 'requestsPerSecond' | 'processors'>,
): OnsetRate | null {
  return onsetRate(known, (model, requestsPerSecond) => {
    const behaviour = behaviourIn(model, { ...settings, processors: known.processors, requestsPerSecond });
    return behaviour.regime === 'thrash' || (behaviour.overlap ?? 0) > assistOnset;
  });
}

function onsetRate(known: KnownCollector, begun: (model: CollectorModel, rate: number) => boolean): OnsetRate | null {
  const reach = known.highestRate * onsetReach;
  const rateOf = (model: CollectorModel): number => firstRate((rate) => begun(model, rate), reach);
  const estimate = rateOf(known.model);
  if (estimate >= reach || known.resampled.length === 0) return null;
  const { low, high } = expandedPercentileInterval(known.resampled.map(rateOf), known.observations.length, confidence);
  return {
    estimate,
    low: Math.min(low, estimate),
    high: high >= reach ? null : Math.max(high, estimate),
    confidence,
    method: `${known.observations.length} stages resampled (bootstrap, expanded percentiles)`,
  };
}

/** By bisection; `reach` where it has not begun there. */
function firstRate(begun: (rate: number) => boolean, reach: number): number {
  if (!begun(reach)) return reach;
  let [low, high] = [0, reach];
  for (let round = 0; round < halvings; round++) {
    const middle = (low + high) / 2;
    if (begun(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const confidence = 0.95;
/** Times the highest measured rate: predictions beyond it are refused. */
export const furthest = 1.25;
/** An onset is told up to so many times the highest measured rate; it is a warning, no figure to build on. */
const onsetReach = 4;
const halvings = 40;
