import type { ObjectiveResult } from '../../model/finding.ts';
import type { Waiver } from '../../model/gate-policy.ts';
import type { RunSample } from '../comparison/run-sample.ts';

/** A finished run as a gate sees it. */
export interface GateRun {
  readonly sample: RunSample;
  /** Of the policy's objectives and those of its waivers, on every valid hold stage. */
  readonly results: readonly ObjectiveResult[];
}

/** One question of a policy with its answer. */
export interface GateCheck {
  readonly id: string;
  readonly kind: 'evidence' | 'objective' | 'relative';
  /** waived: missed, but not by more than somebody has answered for until a day. */
  readonly status: 'pass' | 'fail' | 'inconclusive' | 'waived';
  /** The worst that was seen, in the unit of the limit; ends of an interval that the runs leave open are null. */
  readonly measured: Measured | null;
  /** `change`: candidate / reference; `difference`: candidate − reference, of shares; null of evidence. */
  readonly unit: string | null;
  readonly limit: string;
  /** Null: passed. */
  readonly reason: string | null;
  /** Null: evidence, which has no weight but has to be there. */
  readonly weight: number | null;
  readonly key: boolean;
  /** In the policy file; null: asked for without being written. */
  readonly line: number | null;
  readonly waiver: (Pick<Waiver, 'owner' | 'reason' | 'expires'> & { readonly upTo: string }) | null;
  /** What was seen run by run or stage by stage, for people. */
  readonly details: readonly string[];
}

export interface Measured {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number;
  readonly method: string;
}

/** A failed check after its waivers; the same check where none helps. */
export interface WaiverDecision {
  readonly waiver: GateCheck['waiver'];
  readonly status: 'fail' | 'waived';
  readonly note: string | null;
}

/**
 * Which waiver, if any, answers for a missed check: one that still counts, is about this scenario, and by which the check
 * holds. An expired one counts for nothing and is named.
 */
export function decideWaiver(
  check: string,
  waivers: readonly Waiver[],
  runs: readonly GateRun[],
  now: number,
  holdsUnder: (waiver: Waiver) => boolean,
): WaiverDecision {
  const own = waivers.filter((waiver) => waiver.check === check);
  const notes: string[] = [];
  for (const waiver of own) {
    if (now >= waiver.expiresAt) notes.push(`the waiver of ${waiver.owner} ended on ${waiver.expires}`);
    else if (waiver.scenario !== null && runs.some(({ sample }) => sample.name !== waiver.scenario))
      notes.push(`the waiver of ${waiver.owner} is for ${waiver.scenario} only`);
    else if (!holdsUnder(waiver))
      notes.push(`the waiver of ${waiver.owner} reaches to ${waiver.upToText}, which is not shown to hold`);
    else {
      const { owner, reason, expires, upToText } = waiver;
      return { status: 'waived', note: null, waiver: { owner, reason, expires, upTo: upToText } };
    }
  }
  return { status: 'fail', waiver: null, note: notes.length === 0 ? null : notes.join('; ') };
}
