import type { CallTree } from '../analysis.ts';
import { ratio } from '../../model/units.ts';
import { framesByName } from './frames-by-name.ts';
import { functionOrigin } from './function-origin.ts';
import type { Profile } from './profile.ts';

/** A tree without what is known of its profiles beside their values. */
export type BareCallTree = Pick<CallTree, 'functions' | 'functionOf' | 'depthOf' | 'leftOut'> & {
  readonly profiles: readonly Pick<CallTree['profiles'][number], 'cumulative' | 'negative'>[];
};

/**
 * Puts the stacks of profiles into one tree of calls, from the root on: functions are told apart by name and inlined ones
 * count as functions, as in `topFunctions`. A function that calls itself is a node below its own node, so that a value is
 * counted once in each.
 */
export class GrowingCallTree {
  readonly #names: string[] = [];
  readonly #nameIndex = new Map<string, number>();
  /** By node: the root is the first, callees come after their caller. */
  readonly #functionOf: number[] = [-1];
  readonly #callerOf: number[] = [-1];
  readonly #calleesOf: (Map<number, number> | undefined)[] = [undefined];
  readonly #profiles: { readonly own: Map<number, number>; negative: number }[] = [];

  /** @param sampleType index of the value that counts */
  add(profile: Profile, sampleType: number = profile.defaultSampleType): void {
    const { names, framesOf } = framesByName(profile);
    const known = names.map((name) => this.#indexOf(name));
    const { samples, sampleTypes } = profile;
    const own = new Map<number, number>();
    let negative = 0;
    for (let sample = 0; sample < samples.count; sample++) {
      const value = samples.values[sample * sampleTypes.length + sampleType] ?? 0;
      if (value < 0) negative += value;
      if (value <= 0) continue;
      let node = 0;
      const start = samples.stackStart[sample] ?? 0;
      for (let position = (samples.stackStart[sample + 1] ?? 0) - 1; position >= start; position--) {
        const frames = framesOf[samples.stack[position] ?? 0] ?? [];
        for (let line = frames.length - 1; line >= 0; line--) node = this.#callee(node, known[frames[line] ?? 0] ?? 0);
      }
      own.set(node, (own.get(node) ?? 0) + value);
    }
    this.#profiles.push({ own, negative });
  }

  #indexOf(name: string): number {
    const known = this.#nameIndex.get(name);
    if (known !== undefined) return known;
    this.#nameIndex.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  #callee(caller: number, callee: number): number {
    const callees = (this.#calleesOf[caller] ??= new Map<number, number>());
    const known = callees.get(callee);
    if (known !== undefined) return known;
    const node = this.#functionOf.push(callee) - 1;
    this.#callerOf.push(caller);
    this.#calleesOf.push(undefined);
    callees.set(callee, node);
    return node;
  }

  /** @param modulePath of the target, for the functions' origin */
  finish(modulePath: string | null): BareCallTree {
    const sums = this.#profiles.map(({ own }) => this.#cumulative(own));
    const order = this.#depthFirst(sums);
    const depth = new Uint32Array(this.#functionOf.length);
    for (const [node, caller] of this.#callerOf.entries()) if (caller >= 0) depth[node] = (depth[caller] ?? 0) + 1;
    return {
      functions: this.#names.map((name) => ({ name, origin: functionOrigin(name, modulePath) })),
      functionOf: order.map((node) => this.#functionOf[node] ?? -1),
      depthOf: order.map((node) => depth[node] ?? 0),
      profiles: this.#profiles.map(({ negative }, index) => ({
        cumulative: order.map((node) => sums[index]?.[node] ?? 0),
        negative,
      })),
      leftOut: { nodes: 0, largestShare: ratio(0) },
    };
  }

  #cumulative(own: ReadonlyMap<number, number>): Float64Array {
    const sums = new Float64Array(this.#functionOf.length);
    for (const [node, value] of own) sums[node] = value;
    for (let node = sums.length - 1; node > 0; node--) {
      const caller = this.#callerOf[node] ?? 0;
      sums[caller] = (sums[caller] ?? 0) + (sums[node] ?? 0);
    }
    return sums;
  }

  /** Callees by their share of all profiles, largest first: one order for all, so that nothing moves between stages. */
  #depthFirst(sums: readonly Float64Array[]): readonly number[] {
    const weight = this.#functionOf.map((_, node) =>
      sums.reduce((sum, values) => sum + (values[0] === 0 ? 0 : (values[node] ?? 0) / (values[0] ?? 1)), 0),
    );
    const nameOf = (node: number): string => this.#names[this.#functionOf[node] ?? 0] ?? '';
    const order: number[] = [];
    const open = [0];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      order.push(node);
      const callees = [...(this.#calleesOf[node]?.values() ?? [])];
      // The last that is put down is the next that is taken up.
      const sorted = callees.toSorted(
        (one, other) => (weight[one] ?? 0) - (weight[other] ?? 0) || (nameOf(one) < nameOf(other) ? 1 : -1),
      );
      for (const callee of sorted) open.push(callee);
    }
    return order;
  }
}
