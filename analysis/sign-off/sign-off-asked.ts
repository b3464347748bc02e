import type { GatePolicy } from '../../model/gate-policy.ts';
import type { SignOff, Subject, Waiver } from '../../model/sign-off.ts';
import type { EpochMilliseconds, Milliseconds } from '../../model/units.ts';

/** What a sign-off is asked for, beside its runs. */
export interface SignOffAsked {
  readonly now: EpochMilliseconds;
  readonly subject: SubjectAsked;
  readonly policy: (NonNullable<SignOff['policy']> & { readonly rules: GatePolicy }) | null;
  readonly trafficTarget: SignOff['trafficTarget'];
  readonly instances: SignOff['instances'];
  /** Setting → value that will be used; empty: those that were tested. */
  readonly recommended: ReadonlyMap<string, string>;
  readonly regressions: RegressionEvidence;
  readonly waivers: readonly Waiver[];
  readonly approvers: readonly string[];
  /** Runs that ended longer ago are no evidence. */
  readonly oldestEvidence: Milliseconds;
  /** A soak is as long as this, at least. */
  readonly leastSoak: Milliseconds;
}

export interface SubjectAsked {
  readonly subjects: readonly Subject[];
  /** Go build ids of the binaries among the subjects; empty where none is known. */
  readonly buildIds: readonly string[];
  /** As given; null: that which the runs tell. */
  readonly commit: string | null;
  /** Whether somebody named the binary or image, or it was found by the runs' own commands. */
  readonly from: 'given' | 'found' | 'unknown';
}

/** What is known of regressions against the version before. */
export interface RegressionEvidence {
  /** Verdict of a comparison; null where none was given. */
  readonly comparison: { readonly file: string; readonly verdict: 'same' | 'better' | 'worse' | 'inconclusive' } | null;
  /** Named by hand, and the metrics that the comparison calls worse. */
  readonly open: readonly string[];
}
