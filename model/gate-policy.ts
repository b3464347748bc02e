import type { Objective } from './objective.ts';
import type { ProfileKind } from './plan.ts';
import type { RunMetricName } from './run-metrics.ts';
import type { EpochMilliseconds, Milliseconds, Ratio } from './units.ts';

/** What a gate asks of finished runs: docs/gate.md. */
export interface GatePolicy {
  readonly name: string;
  readonly evidence: EvidencePolicy;
  readonly objectives: readonly ObjectiveRule[];
  readonly relative: readonly RelativeRule[];
  readonly reference: ReferencePolicy;
  /** Weight of the passed checks over that of all from which on the gate passes. */
  readonly passShare: Ratio;
  readonly waivers: readonly Waiver[];
}

/** What has to be there before a judgement counts. */
export interface EvidencePolicy {
  /** Summed over the runs of an arm. */
  readonly steadyMs: Milliseconds;
  /** Since the end of the oldest run; null: of any age. */
  readonly maxAgeMs: Milliseconds | null;
  /** Whether the target's own metrics have to be there in every hold stage. */
  readonly metrics: boolean;
  /** In every run; empty: none. */
  readonly profiles: readonly ProfileKind[];
}

interface Rule {
  readonly id: string;
  readonly weight: number;
  /** Missed, the gate fails whatever the others add up to. */
  readonly key: boolean;
  /** In the policy file, from 1. */
  readonly line: number;
}

export interface ObjectiveRule extends Rule {
  readonly objective: Objective;
}

export interface RelativeRule extends Rule {
  readonly metric: RunMetricName;
  /** Of a ratio as a fraction, of errors and shed requests as a share of the due ones. */
  readonly worseBy: number;
  /** Null: all hold stages. */
  readonly stages: readonly number[] | null;
}

export interface ReferencePolicy {
  /** Ids, prefixes or folders; the command line may name others. */
  readonly runs: readonly string[];
  readonly paired: boolean;
  /** What may differ besides the build. */
  readonly allowDifferences: readonly string[];
}

/** A check that may be missed by so much, until a day. */
export interface Waiver {
  readonly check: string;
  readonly owner: string;
  readonly reason: string;
  /** The first instant at which it counts no more; `expires` is the last day on which it does (UTC). */
  readonly expiresAt: EpochMilliseconds;
  readonly expires: string;
  /** The plan's name; null: any. */
  readonly scenario: string | null;
  /** Null: any. */
  readonly stages: readonly number[] | null;
  /** As far as it may be missed: an objective, or a fraction as of `worseBy`. */
  readonly upTo:
    | { readonly kind: 'objective'; readonly objective: Objective }
    | { readonly kind: 'relative'; readonly worseBy: number };
  /** As written. */
  readonly upToText: string;
  readonly line: number;
}
