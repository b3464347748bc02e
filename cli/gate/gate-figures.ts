import type { GateJudgement } from '../../analysis/gate/judge-gate.ts';
import type { EpochMilliseconds } from '../../model/units.ts';

/** The document of `gate`. */
export interface GateFigures extends GateJudgement {
  /** `sha256` of the file as it was read. */
  readonly policy: { readonly name: string; readonly file: string; readonly sha256: string };
  readonly runs: { readonly candidate: readonly string[]; readonly reference: readonly string[] };
  readonly judgedAt: EpochMilliseconds;
}
