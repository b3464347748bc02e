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
  /** Whether the generator kept the schedule; a trial that it did not says nothing of the target. */
  readonly valid: boolean;
}
