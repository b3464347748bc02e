import type { RunRecord } from '../../model/run-record.ts';
import { perSecond, seconds } from '../../model/units.ts';
import { type Known, answerOf } from '../analyzers/analyzer.ts';
import { loadFidelity } from '../analyzers/load-fidelity.ts';
import { wasLate } from '../analyzers/stage-validity.ts';
import { trafficPerStage } from '../analyzers/traffic-per-stage.ts';
import { decodeRecord } from '../decode-record.ts';
import type { Batch } from '../statistics/batch-proportion.ts';
import { splitBatches } from '../statistics/split-batches.ts';
import { type StageTraffic, sumBooks } from '../traffic/decode-traffic.ts';
import { latenessEffect, punctualAtBest } from '../traffic/punctual-at-best.ts';
import type { ShareObjective } from './search-objectives.ts';
import type { ObservedTrial, TrialPurpose } from './search-trial.ts';

export type TrialObservation = Pick<ObservedTrial, 'shares' | 'completedRate' | 'valid'> & {
  /** Validity reasons of the stage, with `generator-late` and the like also where it stayed valid. */
  readonly reasons: readonly string[];
};

/** About so much time in a batch: longer than what stands in a queue lasts, short enough for several in a trial. */
const batchLength = seconds(7);
const overloaded = 0.5;

/**
 * What a search learns from a trial's record: its last hold stage, in batches by each objective. A trial is not valid
 * where its stage is not, and where what it is about (most requests violate, or more than may) was seen, but a late
 * generator may be the reason.
 */
export function observeTrial(
  record: RunRecord,
  objectives: readonly ShareObjective[],
  purpose: TrialPurpose | 'confirm',
): TrialObservation {
  let known: Known = decodeRecord(record);
  known = { ...known, validity: loadFidelity.ask(known), figures: trafficPerStage.ask(known) };
  const [traffic, validities, figures] = [known.traffic, known.validity, known.figures];
  const stages = traffic?.status === 'captured' ? traffic.value.stages : [];
  const stage = stages.findLast(({ stage: { kind } }) => kind === 'hold');
  if (stage === undefined || validities === undefined || figures === undefined)
    return { shares: objectives.map(() => []), completedRate: perSecond(0), valid: false, reasons: ['no-traffic'] };
  const validity = answerOf(validities)?.[stage.index];
  const shares = objectives.map((objective) => batchesOf(stage, objective));
  const doubtful =
    wasLate(validity) &&
    objectives.some((objective, index) => {
      // Whether a rate overloads the target is told by most of its requests.
      const limit = purpose === 'overload' ? Math.max(overloaded, objective.limit) : objective.limit;
      return mayBeLateness(stage, objective, limit, shares[index] ?? [], record);
    });
  // An endpoint that no request was for was not kept: nothing was seen of it.
  const unseen = shares.some((batches) => trialsOf(batches) === 0);
  const reasons = validity?.reasons ?? [];
  return {
    shares,
    completedRate: answerOf(figures)?.[stage.index]?.stage.completedPerSecond ?? perSecond(0),
    valid: validity?.status === 'valid' && !doubtful && !unseen,
    reasons: unseen && !reasons.includes('no-traffic') ? [...reasons, 'no-traffic'] : reasons,
  };
}

function batchesOf(stage: StageTraffic, { trafficIn, hits }: ShareObjective): readonly Batch[] {
  const steady = trafficIn(stage)?.steady ?? [];
  return splitBatches(steady, Math.max(1, Math.round(seconds(steady.length) / batchLength))).map((batch) => ({
    hits: batch.reduce((sum, second) => sum + hits(second), 0),
    trials: sumBooks(batch).due,
  }));
}

/** A violation that a punctual generator would not have seen (punctual-at-best.ts). */
function mayBeLateness(
  stage: StageTraffic,
  objective: ShareObjective,
  limit: number,
  seen: readonly Batch[],
  { plan }: RunRecord,
): boolean {
  if (shareOf(seen) <= limit) return false;
  const effect = latenessEffect(stage, objective.limit);
  if (effect === null) return true;
  const best = punctualAtBest(stage, effect.delayMs, plan.connections.queueLimit);
  return shareOf(batchesOf(best, objective)) <= limit + effect.beyond;
}

/** Of all trials of some batches together; 0 without any. */
export function shareOf(batches: readonly Batch[]): number {
  const trials = trialsOf(batches);
  return trials === 0 ? 0 : batches.reduce((sum, { hits }) => sum + hits, 0) / trials;
}

const trialsOf = (batches: readonly Batch[]): number => batches.reduce((sum, { trials }) => sum + trials, 0);
