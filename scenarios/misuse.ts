/** One thing that is wrong with what a person wrote, and what to write instead. */
export interface Misuse {
  /** Where it stands: `load.stages[0].for`, `--rate`, `orders.csv:3`; empty where there is no place to name. */
  readonly where: string;
  readonly message: string;
  /** What would have been accepted; never empty. */
  readonly hint: string;
}

/** Everything that is wrong, at once. The command line prints one line per reason and ends with exit code 2. */
export class MisuseError extends Error {
  readonly reasons: readonly Misuse[];
  constructor(reasons: readonly Misuse[]) {
    super(reasons.map(({ where, message }) => (where === '' ? message : `${where}: ${message}`)).join('\n'));
    this.name = 'MisuseError';
    this.reasons = reasons;
  }
}

/** A `MisuseError` with one reason. */
export function misuse(where: string, message: string, hint: string): MisuseError {
  return new MisuseError([{ where, message, hint }]);
}
