import type { SearchFigures } from '../../model/search-figures.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** What a search found, as docs/search.md has it; that it was interrupted or failed goes before. */
export function searchExitCode({ status, conclusive }: SearchFigures): ExitCode {
  switch (status) {
    case 'found':
      return conclusive ? exitCodes.done : exitCodes.inconclusive;
    case 'always-overloaded':
      return exitCodes.missed;
    case 'generator-limited':
    case 'never-overloaded':
    case 'unfinished':
      return exitCodes.inconclusive;
    default:
      return status satisfies never;
  }
}
