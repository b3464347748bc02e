import type { FlameTree } from './flame-tree.ts';
import type { FlameView } from './flame-view.ts';

/** How a frame's cost in one profile stands to that in another: the classes that have a colour of their own. */
export const changeKinds = ['less-than-half', 'less', 'same', 'more', 'more-than-double'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export interface FrameChange {
  /** For each request where both profiles know how many there were, else as it is. */
  readonly before: number;
  readonly after: number;
  /** after / before − 1; infinite where there was nothing before, null where there is nothing at all. */
  readonly ratio: number | null;
  /** Whether the two differ by no more than samples scatter; null where that is not known. */
  readonly isNoise: boolean | null;
  readonly kind: ChangeKind;
}

/** Changes below this share are none. */
const least = 0.1;
/** Of a normal distribution, both sides: 95 %. */
const standardErrors = 1.96;

/** Whether costs are given for each request: both profiles must know how many were done. */
export function isPerRequest(tree: FlameTree, shown: number, base: number | null): boolean {
  const known = (profile: number): boolean => (tree.data.profiles[profile]?.requests ?? 0) > 0;
  return known(shown) && (base === null || known(base));
}

/**
 * A frame against the same stack of another profile. Numbers of CPU samples are taken as of Poisson processes: a
 * difference below 1.96 standard errors is within their scatter and has no colour.
 */
export function frameChange(tree: FlameTree, { shown, base }: FlameView, node: number): FrameChange {
  if (base === null) throw new RangeError('a change is one from something');
  const isDivided = isPerRequest(tree, shown, base);
  const [before, after] = [base, shown].map((profile) => {
    const { samples = null, requests = null } = tree.data.profiles[profile] ?? {};
    const divisor = isDivided ? (requests ?? 1) : 1;
    const value = tree.value(profile, node);
    const all = tree.value(profile, 0);
    const counted = samples === null || all === 0 ? null : (value / all) * samples;
    // Of no sample at all the next one could have been the first.
    const variance = counted === null ? null : (Math.max(counted, 1) * (all / (samples ?? 1)) ** 2) / divisor ** 2;
    return { value: value / divisor, variance };
  });
  if (before === undefined || after === undefined) throw new RangeError('two profiles are compared');
  const ratio = before.value === 0 ? (after.value === 0 ? null : Infinity) : after.value / before.value - 1;
  const isNoise =
    tree.data.scatter !== 'poisson' || before.variance === null || after.variance === null
      ? null
      : Math.abs(after.value - before.value) < standardErrors * Math.sqrt(before.variance + after.variance);
  return {
    before: before.value,
    after: after.value,
    ratio,
    isNoise,
    kind: isNoise === true || ratio === null ? 'same' : kindOf(ratio),
  };
}

function kindOf(ratio: number): ChangeKind {
  if (Math.abs(ratio) < least) return 'same';
  if (ratio > 0) return ratio >= 1 ? 'more-than-double' : 'more';
  return ratio <= -0.5 ? 'less-than-half' : 'less';
}
