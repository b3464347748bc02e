import type { RunFailure } from '../world.ts';

/** The service under load, ready for traffic. */
export interface Target {
  /** Origin of the workload, `http://host:port`. */
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  /** The process that answers, where it runs on this machine and could be found; never plimsoll's own guard. */
  readonly processId: number | null;
  /** HTTP requests sent to the readiness path; none without one. */
  readonly readinessRequests: number;
  /** How it was set up, and what could not be done; for the record. */
  readonly notes: readonly string[];
  /** Settles when a launched target ends, for whatever reason; never for an attached one. */
  readonly exited: Promise<TargetExit>;
  /** Ends a launched target with everything it started; leaves an attached one alone. May be called again. */
  stop(): Promise<void>;
}

/** How a launched target ended: exactly one of `code` and `signal` is set. */
export interface TargetExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** One sentence, such as "the target ended by SIGKILL: it needed more than its memory limit". */
  readonly description: string;
  readonly hint: string;
  /** Its last lines on standard error, bounded. */
  readonly lastLines: readonly string[];
  /** The same as a failure of a phase. */
  readonly asFailure: (phase: RunFailure['phase']) => RunFailure;
}

/** Where what a target says goes. */
export interface TargetContext {
  readonly runId: string;
  /** Path of `target.log` in the run folder. */
  readonly log: string;
  /** Replaces what must not be written down. */
  readonly redact: (text: string) => string;
  /** Gets each whole line that a launched target writes to standard error (gctrace prints there). */
  readonly onErrorLine: (line: string) => void;
}
