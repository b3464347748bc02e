import type { Analysis } from '../analysis/analysis.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** Precedence of docs/exit-codes.md: interrupted, run failed, missed, inconclusive, done. */
export function exitCodeOf({ outcome, verdict, detail }: Analysis): ExitCode {
  switch (outcome.status) {
    case 'aborted':
      return outcome.code === 'interrupted' ? exitCodes.interrupted : exitCodes.runFailed;
    case 'failed':
      return exitCodes.runFailed;
    case 'completed':
      break;
    default:
      return outcome satisfies never;
  }
  switch (verdict.status) {
    case 'pass':
      return exitCodes.done;
    case 'fail':
      return exitCodes.missed;
    case 'inconclusive':
      // Nothing was asked, so nothing is open.
      return detail.objectives.length === 0 ? exitCodes.done : exitCodes.inconclusive;
    default:
      return verdict.status satisfies never;
  }
}
