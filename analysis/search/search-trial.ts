import type { Milliseconds, PerSecond } from '../../model/units.ts';
import type { Batch } from '../statistics/batch-proportion.ts';

/** Why a rate was tried: to overload, to look round quickly, or to decide. */
export type TrialPurpose = 'overload' | 'probe' | 'certify';

/** One rate, held for a while, as it was seen. */
export interface SearchTrial {
  readonly purpose: TrialPurpose;
  readonly rate: PerSecond;
  readonly duration: Milliseconds;
  /** Consecutive stretches of equal length: due requests, and those of them that were late, failed or dropped. */
  readonly batches: readonly Batch[];
  /** Answers complete per second of the trial. */
  readonly completedRate: PerSecond;
  /** Whether the trial tells of the target; one in which the generator was the limit says nothing of it. */
  readonly valid: boolean;
}

/** A trial with its batches by each of several objectives, in their order. */
export interface ObservedTrial extends Omit<SearchTrial, 'batches'> {
  readonly shares: readonly (readonly Batch[])[];
}
