/** An uncertain number. Null estimates never appear: an unknown number is null itself. */
export interface Estimate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  readonly method: string;
}

export type FindingStatus = 'estimated' | 'inconclusive' | 'not-applicable';
export type Severity = 'info' | 'warning' | 'critical';

export interface Evidence {
  /** Which measurement says it: `client`, `prometheus`, `process`, `pprof:cpu`, `gctrace` … */
  readonly source: string;
  readonly statement: string;
  readonly value: number | null;
  readonly unit: string | null;
  readonly stage: number | null;
}

/** A statement about the service that somebody can act on. Ids are stable and listed in docs/findings.md. */
export interface Finding {
  readonly id: string;
  readonly status: FindingStatus;
  readonly severity: Severity;
  readonly title: string;
  readonly estimate: Estimate | null;
  readonly evidence: readonly Evidence[];
  readonly recommendation: string;
  readonly warnings: readonly string[];
}

export type VerdictStatus = 'pass' | 'fail' | 'inconclusive';

export interface Verdict {
  readonly status: VerdictStatus;
  readonly reasons: readonly string[];
  readonly objectives: readonly ObjectiveResult[];
}

export interface ObjectiveResult {
  /** As written, in the grammar of docs/objectives.md. */
  readonly objective: string;
  /** Index of the stage. */
  readonly stage: number;
  readonly status: VerdictStatus;
  /** In the objective's own unit; null where it could not be measured, with the reason. */
  readonly measured: Estimate | null;
  readonly reason: string | null;
}
