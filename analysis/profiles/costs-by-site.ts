import { ownSite } from './own-site.ts';
import type { Profile } from './profile.ts';
import { type StackFrame, sampleStacks } from './sample-stacks.ts';

export interface SiteCosts {
  /** Of the function's lines the one with most of it. */
  readonly site: StackFrame;
  /** In the unit of the sample type. */
  readonly value: number;
  /** By the type that counts. */
  readonly count: number;
}

export interface CostQuestion {
  /** Names of sample types: how much and how often. */
  readonly value: string;
  readonly count: string;
  readonly modulePath: string | null;
  /** Which stacks count; left out: all. */
  readonly matches?: (frames: readonly StackFrame[]) => boolean;
}

/** What stacks cost by the innermost function of the service's own code on them, most first; stacks without one are left out. */
export function costsBySite(profile: Profile, question: CostQuestion): readonly SiteCosts[] {
  const { value, count, modulePath, matches = () => true } = question;
  const sums = new Map<string, { value: number; count: number; readonly lines: Map<number, [StackFrame, number]> }>();
  for (const stack of sampleStacks(profile)) {
    const site = ownSite(stack.frames, modulePath);
    const amount = stack.value(value);
    if (site === null || !matches(stack.frames)) continue;
    const sum = sums.get(site.function) ?? { value: 0, count: 0, lines: new Map<number, [StackFrame, number]>() };
    sums.set(site.function, sum);
    sum.value += amount;
    sum.count += stack.value(count);
    sum.lines.set(site.line, [site, (sum.lines.get(site.line)?.[1] ?? 0) + amount]);
  }
  return [...sums.values()]
    .flatMap(({ lines, ...sum }) => {
      const [most] = [...lines.values()].toSorted(([, one], [, other]) => other - one);
      return most === undefined ? [] : [{ ...sum, site: most[0] }];
    })
    .toSorted((one, other) => other.value - one.value);
}
