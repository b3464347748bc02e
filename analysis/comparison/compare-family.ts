import { type Proportion, differenceOfProportions } from '../statistics/difference-of-proportions.ts';
import { holm } from '../statistics/holm.ts';
import { mannWhitney } from '../statistics/mann-whitney.ts';
import { minimumDetectableEffect } from '../statistics/minimum-detectable-effect.ts';
import { pairedRatio } from '../statistics/paired-ratio.ts';
import { pairedDetectableEffect, pairedT } from '../statistics/paired-t.ts';
import { quantile } from '../statistics/quantile.ts';
import { unpairedDifference } from '../statistics/unpaired-difference.ts';
import { unpairedRatio } from '../statistics/unpaired-ratio.ts';
import {
  type ComparisonReason,
  type ComparisonVerdict,
  type Direction,
  type Effect,
  alpha,
  judgeChange,
} from './judge-change.ts';

/** One metric of both arms: a value for each run, none below 0. */
export interface FamilyMember {
  readonly name: string;
  /** Not known of plain numbers. */
  readonly unit: string | null;
  readonly direction: Direction;
  /** As a ratio: a fraction of it; as a difference: in the metric's own unit. */
  readonly practicalThreshold: number;
  readonly base: readonly number[];
  readonly candidate: readonly number[];
  /** The i-th values of both are of one pair of runs. */
  readonly paired: boolean;
  /** The requests behind all runs' values of a proportion, which is compared as a difference; null: as a ratio. */
  readonly counts: { readonly base: Proportion; readonly candidate: Proportion } | null;
}

export interface MetricComparison {
  readonly name: string;
  readonly unit: string | null;
  readonly direction: Direction;
  readonly base: Arm;
  readonly candidate: Arm;
  /** Candidate / base; null of proportions, and where an arm has no run. */
  readonly ratio: Change | null;
  /** Candidate − base, of proportions only. */
  readonly difference: Change | null;
  readonly pValue: number | null;
  readonly adjustedPValue: number | null;
  /** As a fraction; null of proportions. */
  readonly minimumDetectableEffect: number | null;
  readonly practicalThreshold: number;
  readonly verdict: ComparisonVerdict;
  readonly reasons: readonly ComparisonReason[];
  readonly method: string | null;
}

export interface Arm {
  readonly median: number | null;
  readonly runs: number;
}

/** Ends may be infinite, the estimate infinite or NaN (`unpairedRatio`). */
export interface Change {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  readonly method: string;
}

/**
 * Same, better, worse or inconclusive, metric by metric, with Holm's p over all of them; the run is the unit.
 *
 * Ratios: Mann–Whitney and the Hodges–Lehmann interval; of pairs Student's t on the logarithms, where all values are
 * above 0. Proportions: Mann–Whitney on the runs' own, and an interval of their difference that holds both the one
 * between runs and the one of so many requests (Newcombe), so that few requests without an error are not "none".
 */
export function compareFamily(members: readonly FamilyMember[]): readonly MetricComparison[] {
  const tests = members.map(testOf);
  const known = tests.flatMap((test) => (test === null ? [] : [test.pValue]));
  const adjusted = holm(known).values();
  return members.map((member, index) => {
    const test = tests[index] ?? null;
    const { name, unit, direction, base, candidate, practicalThreshold } = member;
    const adjustedPValue = test === null ? null : (adjusted.next().value ?? null);
    const effect: Effect = member.counts === null ? 'ratio' : 'difference';
    const runs = Math.min(base.length, candidate.length);
    return {
      name,
      unit,
      direction,
      base: { median: quantile(base, 0.5), runs: base.length },
      candidate: { median: quantile(candidate, 0.5), runs: candidate.length },
      ratio: effect === 'ratio' ? (test?.change ?? null) : null,
      difference: effect === 'difference' ? (test?.change ?? null) : null,
      pValue: test?.pValue ?? null,
      adjustedPValue,
      // The hardest step of Holm's: what would be found whatever the other metrics say.
      minimumDetectableEffect: test?.detectable(alpha / known.length) ?? null,
      practicalThreshold,
      ...judgeChange({ effect, runs, change: test?.change ?? null, p: adjustedPValue, practicalThreshold, direction }),
      method: test === null ? null : `${test.method}; Holm over ${known.length}`,
    };
  });
}

interface Test {
  readonly pValue: number;
  readonly change: Change;
  readonly method: string;
  readonly detectable: (level: number) => number | null;
}

function testOf(member: FamilyMember): Test | null {
  const { base, candidate, paired, counts } = member;
  if (base.length === 0 || candidate.length === 0) return null;
  if (counts === null && paired && base.length >= 2 && [...base, ...candidate].every((value) => value > 0))
    return pairedTest(base, candidate);
  const { pValue, method } = mannWhitney(base, candidate);
  return {
    pValue,
    change: counts === null ? unpairedRatio(base, candidate, 1 - alpha) : proportionChange(base, candidate, counts),
    method: `Mann–Whitney, ${method}`,
    detectable: (level) => (counts === null ? minimumDetectableEffect(base, candidate, level) : null),
  };
}

function pairedTest(base: readonly number[], candidate: readonly number[]): Test {
  if (base.length !== candidate.length)
    throw new RangeError(`${base.length} and ${candidate.length} values are no pairs`);
  const ratios = base.map((below, index) => (candidate[index] ?? Number.NaN) / below);
  const logs = ratios.map(Math.log);
  return {
    pValue: pairedT(logs),
    change: pairedRatio(ratios, 1 - alpha),
    method: "paired, Student's t on log ratios",
    detectable: (level) => pairedDetectableEffect(logs, level),
  };
}

function proportionChange(
  base: readonly number[],
  candidate: readonly number[],
  counts: NonNullable<FamilyMember['counts']>,
): Change {
  const runs = unpairedDifference(base, candidate, 1 - alpha);
  const requests = differenceOfProportions(counts.base, counts.candidate, 1 - alpha) ?? { low: -1, high: 1 };
  return {
    ...runs,
    low: Math.max(-1, Math.min(runs.low, requests.low)),
    high: Math.min(1, Math.max(runs.high, requests.high)),
    method: `${runs.method}, widened to Newcombe's of all requests`,
  };
}
