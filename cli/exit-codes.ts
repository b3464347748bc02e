/** What the exit code of plimsoll says. docs/exit-codes.md is tested against this list; other programs rely on it. */
export const exitCodes = {
  /** Done; objectives met, gate passed. */
  done: 0,
  /** Objective missed, regression found, sign-off refused. */
  missed: 1,
  /** Bad flag, impossible scenario, unreadable input. */
  misuse: 2,
  /** The run failed: engine missing, target not ready, aborted. What was measured is saved. */
  runFailed: 3,
  /** Evidence missing, invalid or too weak to decide; never a pass. */
  inconclusive: 4,
  /** A defect of plimsoll. */
  bug: 70,
  /** Ended by the user; what was measured is saved. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
