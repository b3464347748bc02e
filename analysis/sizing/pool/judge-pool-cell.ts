import type { PoolCell, PoolDecision, PoolObjective } from '../../../model/pool-decision.ts';

/**
 * Whether the waits of a cell meet the objective: met or missed where the whole interval says so. Where the objective is a
 * share beyond a limit and no histogram of the waits was exported, the mean still proves one of both ends: by Markov's
 * inequality no more than mean wait / limit, and no more than have to wait at all, are beyond it; and where the mean itself
 * is beyond the limit, more than a small share is. What lies between is unknown, and no tail is made up for it.
 */
export function judgePoolCell(
  { wait, waiting, waitOver }: PoolCell,
  objective: PoolObjective,
): PoolDecision['verdict'] {
  const { limit } = objective;
  switch (objective.kind) {
    case 'mean-wait':
      return wait === null ? 'unknown' : wait.high <= limit ? 'met' : wait.low > limit ? 'missed' : 'undecided';
    case 'wait-over': {
      const { share } = objective;
      if (waitOver !== null) return waitOver.high <= share ? 'met' : waitOver.low > share ? 'missed' : 'undecided';
      if (wait === null) return 'unknown';
      if (Math.min(wait.high / limit, waiting?.high ?? 1) <= share) return 'met';
      return wait.low > limit ? 'missed' : 'unknown';
    }
    default:
      return objective satisfies never;
  }
}
