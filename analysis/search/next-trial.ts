import type { Milliseconds, PerSecond } from '../../model/units.ts';
import { batchProportion } from '../statistics/batch-proportion.ts';
import { crossingModel } from './crossing-model.ts';
import { type Decision, type SearchFound, type SearchLimited, type SearchSettings, nextRate } from './next-rate.ts';
import { shareOf } from './observe-trial.ts';
import type { ObservedTrial, SearchTrial, TrialPurpose } from './search-trial.ts';

/** What a search is asked for, beside what each step needs. */
export interface SearchOrder {
  readonly settings: Omit<SearchSettings, 'limit'>;
  /** Of each objective, the share of requests that may violate it. */
  readonly limits: readonly [number, ...number[]];
  /** Whole searches, one after the other. */
  readonly repeats: number;
  /** Whether what was found is confirmed at the end. */
  readonly certify: boolean;
}

/** A trial in its place: the search it belongs to (from 0), or `confirm` after all of them. */
export interface PlacedTrial extends Omit<ObservedTrial, 'purpose'> {
  readonly search: number;
  readonly purpose: TrialPurpose | 'confirm';
}

/** How one search of several ended. */
export interface SearchEnd {
  readonly result: SearchFound | SearchLimited;
  /** Index of the objective that decided. */
  readonly objective: number;
}

export type NextTrial =
  | {
      readonly kind: 'trial';
      readonly search: number;
      readonly purpose: PlacedTrial['purpose'];
      readonly rate: PerSecond;
      readonly duration: Milliseconds;
    }
  | {
      readonly kind: 'done';
      readonly ends: readonly [SearchEnd, ...SearchEnd[]];
      /** Null: not asked for, or nothing was found that could be confirmed. */
      readonly confirmation: Confirmation | null;
    };

export interface Confirmation {
  readonly rate: PerSecond;
  readonly duration: Milliseconds;
  /** `invalid`: the generator was the limit, twice. */
  readonly result: Decision | 'invalid';
}

/** The whole of a search as a function of the trials so far: searches one after the other, then the confirmation. */
export function nextTrial(trials: readonly PlacedTrial[], order: SearchOrder): NextTrial {
  const ends: SearchEnd[] = [];
  for (let search = 0; search < order.repeats; search++) {
    const own = trials.flatMap((trial) => (trial.search === search ? placedIn(trial) : []));
    const { step, objective } = bindingStep(own, order);
    if (step.kind === 'measure') return { ...step, kind: 'trial', search };
    ends.push({ result: step.result, objective });
    // What stopped one search will stop the next.
    if (step.result.status !== 'found') break;
  }
  const [first, ...others] = ends;
  if (first === undefined) throw new RangeError('a search has one repeat at least');
  const done = { kind: 'done', ends: [first, ...others] } as const;
  const rate = promisedRate(ends);
  if (!order.certify || rate === null) return { ...done, confirmation: null };
  const duration = order.settings.leastCertified;
  const tries = trials.filter(({ purpose }) => purpose === 'confirm');
  const told = tries.find(({ valid }) => valid);
  if (told !== undefined) return { ...done, confirmation: { rate, duration, result: judge(told, order) } };
  if (tries.length >= 2) return { ...done, confirmation: { rate, duration, result: 'invalid' } };
  return { kind: 'trial', search: order.repeats, purpose: 'confirm', rate, duration };
}

function placedIn({ purpose, ...trial }: PlacedTrial): readonly ObservedTrial[] {
  return purpose === 'confirm' ? [] : [{ ...trial, purpose }];
}

/** What all searches passed: the lowest of their rates. Null where one of them found none. */
export function promisedRate(ends: readonly SearchEnd[]): PerSecond | null {
  return ends.reduce<PerSecond | null>(
    (lowest, { result }, index) =>
      result.status !== 'found' || (index > 0 && lowest === null)
        ? null
        : lowest === null || result.rate < lowest
          ? result.rate
          : lowest,
    null,
  );
}

/**
 * The step by the objective that is crossed at the lowest rate, as far as the trials tell. Several are all to be met;
 * whether a rate overloads the target is told by the one that most requests violate.
 */
function bindingStep(trials: readonly ObservedTrial[], { settings, limits }: SearchOrder) {
  const objective = bindingObjective(trials, limits);
  const seen = trials.map(({ shares, ...trial }): SearchTrial => {
    const batches = trial.purpose === 'overload' ? mostViolated(shares) : shares[objective];
    return { ...trial, batches: batches ?? [] };
  });
  return { step: nextRate(seen, { ...settings, limit: limits[objective] ?? limits[0] }), objective };
}

function bindingObjective(trials: readonly ObservedTrial[], limits: SearchOrder['limits']): number {
  const looks = trials.filter(({ valid, purpose }) => valid && purpose !== 'overload');
  if (looks.length === 0 || limits.length === 1) return 0;
  const overload = trials.filter(({ valid, purpose }) => valid && purpose === 'overload');
  const capacity = Math.max(...overload.map(({ completedRate }) => completedRate));
  const crossings = limits.map((limit, index) =>
    crossingModel(
      looks.map(({ rate, shares }) => ({ rate, batches: shares[index] ?? [] })),
      limit,
      capacity,
    ).quantile(0.5),
  );
  return crossings.findIndex((rate) => rate === Math.min(...crossings));
}

function mostViolated(shares: ObservedTrial['shares']): ObservedTrial['shares'][number] | undefined {
  return shares.toSorted((left, right) => shareOf(right) - shareOf(left))[0];
}

/**
 * By batch means of the confirming trial alone, one-sided at the search's own confidence: passed where every objective's
 * share is below its limit so surely, failed where one's is above it so surely.
 */
function judge({ shares }: PlacedTrial, { limits, settings: { confidence } }: SearchOrder): Decision {
  const decisions = limits.map((limit, index): Decision => {
    const share = batchProportion(shares[index] ?? [], 2 * confidence - 1);
    if (share === null) return 'undecided';
    return share.high <= limit ? 'pass' : share.low > limit ? 'fail' : 'undecided';
  });
  if (decisions.includes('fail')) return 'fail';
  return decisions.every((decision) => decision === 'pass') ? 'pass' : 'undecided';
}
