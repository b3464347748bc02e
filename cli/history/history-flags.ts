import { dirname, join } from 'node:path';

/** The flag of all that is done with a history. */
export const historyFlag = {
  type: 'string',
  describe: 'file of the history, one line a run [default: history.jsonl beside the runs]',
} as const;

/** Beside the folder of runs, which may be cleaned away. */
export const historyFile = (given: string | undefined, runsDirectory: string): string =>
  given ?? join(dirname(runsDirectory), 'history.jsonl');
