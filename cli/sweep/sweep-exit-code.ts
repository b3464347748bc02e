import type { SweepFigures } from '../../model/sweep-figures.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** What a sweep found; that it was interrupted or failed goes before. A cell that could not be measured leaves the comparison open; none at all is a failure. */
export function sweepExitCode({ cells, warnings, verification, design, recommended }: SweepFigures): ExitCode {
  if (cells.every(({ observed }) => observed === null)) return exitCodes.runFailed;
  if (verification?.status === 'differs') return exitCodes.missed;
  const open =
    warnings.length > 0 || verification?.status === 'inconclusive' || (design === 'adaptive' && recommended === null);
  return open ? exitCodes.inconclusive : exitCodes.done;
}
