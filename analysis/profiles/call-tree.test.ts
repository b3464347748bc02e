import { readFileSync } from 'node:fs';
import test from 'ava';
import * as fc from 'fast-check';
import { type BareCallTree, GrowingCallTree } from './call-tree.ts';
import { decodeProfile } from './decode-profile.ts';
import type { Profile } from './profile.ts';
import { pruneCallTree } from './prune-call-tree.ts';
import { topFunctions } from './top-functions.ts';

interface Stack {
  /** From the root on. */
  readonly calls: readonly string[];
  readonly value: number;
}

/** Every function at an address of its own, nothing inlined. */
function profileOf(stacks: readonly Stack[]): Profile {
  const names = [...new Set(stacks.flatMap(({ calls }) => calls))];
  const starts = stacks.reduce((list, { calls }) => [...list, (list.at(-1) ?? 0) + calls.length], [0]);
  return {
    ...decodeProfile(bytesOf('heap-idle')),
    sampleTypes: [{ type: 'cpu', unit: 'nanoseconds' }],
    defaultSampleType: 0,
    functions: names.map((name) => ({ name, systemName: name, file: '', startLine: 0 })),
    locations: names.map((_, index) => ({
      address: index,
      mapping: null,
      isFolded: false,
      lines: [{ function: index, line: 0, column: 0 }],
    })),
    samples: {
      count: stacks.length,
      stackStart: Uint32Array.from(starts),
      stack: Uint32Array.from(stacks.flatMap(({ calls }) => calls.toReversed().map((name) => names.indexOf(name)))),
      values: Float64Array.from(stacks, ({ value }) => value),
      labels: stacks.map(() => []),
    },
  };
}

const bytesOf = (name: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/captures/${name}.pb.gz`, import.meta.url));

const treeOf = (...profiles: readonly Profile[]): BareCallTree => {
  const growing = new GrowingCallTree();
  for (const profile of profiles) growing.add(profile);
  return growing.finish(null);
};

/** By node: its caller, and its value less those of its callees. */
function relations(
  { depthOf, profiles }: BareCallTree,
  profile = 0,
): { readonly caller: number[]; readonly own: number[] } {
  const { cumulative = [] } = profiles[profile] ?? {};
  const open: number[] = [];
  const own = [...cumulative];
  const caller = depthOf.map((depth, node) => {
    open.length = depth;
    const found = open.at(-1) ?? -1;
    if (found >= 0) own[found] = (own[found] ?? 0) - (cumulative[node] ?? 0);
    open.push(node);
    return found;
  });
  return { caller, own };
}

const stacks = fc.array(
  fc.record({
    calls: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 }),
    value: fc.integer({ min: 1, max: 1000 }),
  }),
  { minLength: 1, maxLength: 40 },
);

test('the root is the total, and no node has less than its callees together', (t) => {
  fc.assert(
    fc.property(stacks, (list) => {
      const tree = treeOf(profileOf(list));
      t.is(
        tree.profiles[0]?.cumulative[0],
        list.reduce((sum, { value }) => sum + value, 0),
      );
      t.is(tree.functionOf[0], -1);
      t.true(relations(tree).own.every((own) => own >= 0));
    }),
    { seed: 7 },
  );
});

/** Flat and cumulative by function: of nodes within one another only the outermost counts. */
function byFunction(tree: BareCallTree): Map<string, { flat: number; cumulative: number }> {
  const { caller, own } = relations(tree);
  const sums = new Map<string, { flat: number; cumulative: number }>();
  const isInside = (node: number, index: number): boolean => {
    for (let at = caller[node] ?? -1; at > 0; at = caller[at] ?? -1) if (tree.functionOf[at] === index) return true;
    return false;
  };
  for (const [node, index] of tree.functionOf.entries()) {
    if (node === 0) continue;
    const name = tree.functions[index]?.name ?? '';
    const sum = sums.get(name) ?? { flat: 0, cumulative: 0 };
    sum.flat += own[node] ?? 0;
    if (!isInside(node, index)) sum.cumulative += tree.profiles[0]?.cumulative[node] ?? 0;
    sums.set(name, sum);
  }
  return sums;
}

test('its sums by function are those of the table, recursion counted once', (t) => {
  const check = (profile: Profile): void => {
    const sums = byFunction(treeOf(profile));
    for (const { function: name, flat, cumulative } of topFunctions(profile).functions)
      t.deepEqual(sums.get(name), { flat, cumulative }, name);
  };
  fc.assert(
    fc.property(stacks, (list) => check(profileOf(list))),
    { seed: 8, numRuns: 50 },
  );
  for (const name of ['cpu-loaded', 'cpu-type-checker', 'allocs-after', 'goroutine-loaded', 'block-after'])
    check(decodeProfile(bytesOf(name)));
});

test('profiles together keep their own values, and a node that one lacks has none there', (t) => {
  fc.assert(
    fc.property(stacks, stacks, (one, other) => {
      const both = treeOf(profileOf(one), profileOf(other));
      for (const [profile, list] of [one, other].entries()) {
        const alone = treeOf(profileOf(list));
        const { cumulative = [] } = both.profiles[profile] ?? {};
        t.is(cumulative.filter((value) => value > 0).length, alone.functionOf.length);
        t.true(relations(both, profile).own.every((own) => own >= 0));
        t.is(cumulative[0], alone.profiles[0]?.cumulative[0]);
      }
    }),
    { seed: 9, numRuns: 50 },
  );
});

test('values that fell are kept apart: they have no width', (t) => {
  const { profiles } = treeOf(
    profileOf([
      { calls: ['a', 'b'], value: 10 },
      { calls: ['a', 'c'], value: -3 },
    ]),
  );
  t.like(profiles[0], { negative: -3, cumulative: [10, 10, 10] });
});

test('a smaller tree: what stays is as it was, and nothing is lost from a sum', (t) => {
  const whole = treeOf(decodeProfile(bytesOf('cpu-loaded')), decodeProfile(bytesOf('cpu-collected')));
  for (const limit of [10, 100, 1000, 3000]) {
    const small = pruneCallTree(whole, limit);
    const figures = small.profiles.reduce(
      (sum, { cumulative }) => sum + cumulative.filter((value) => value > 0).length,
      2 * small.functionOf.length,
    );
    t.true(figures <= limit, `${figures} of ${limit}`);
    const rest = small.functionOf.slice(1).reduce((sum, index) => sum + Math.max(0, -index), 0);
    const kept = small.functionOf.filter((index, node) => node === 0 || index >= 0).length;
    t.is(kept + rest, whole.functionOf.length);
    t.is(small.leftOut.nodes, rest);
    for (const profile of [0, 1]) {
      t.is(small.profiles[profile]?.cumulative[0], whole.profiles[profile]?.cumulative[0]);
      t.deepEqual(ownByPath(small, profile), pick(ownByPath(whole, profile), [...ownByPath(small, profile).keys()]));
    }
    const smallest = Math.min(
      ...small.functionOf.flatMap((index, node) =>
        index < 0
          ? []
          : [Math.max(...small.profiles.map(({ cumulative }) => (cumulative[node] ?? 0) / (cumulative[0] ?? 1)))],
      ),
    );
    t.true(small.leftOut.largestShare <= smallest);
  }
  t.is(pruneCallTree(whole, 1e9), whole);
});

/** Own values of functions by their path from the root; what was put together has none. */
function ownByPath(tree: BareCallTree, profile: number): Map<string, number> {
  const { own } = relations(tree, profile);
  const path: string[] = [];
  const sums = new Map<string, number>();
  for (const [node, index] of tree.functionOf.entries()) {
    path.length = tree.depthOf[node] ?? 0;
    path.push(node === 0 ? 'all' : (tree.functions[index]?.name ?? 'rest'));
    if (node === 0 || index >= 0) sums.set(path.join('\n'), own[node] ?? 0);
  }
  return sums;
}

const pick = (all: ReadonlyMap<string, number>, keys: readonly string[]): Map<string, number> =>
  new Map(keys.map((key) => [key, all.get(key) ?? Number.NaN]));

test('a stack that was seen again takes its node again: the tree grows with stacks, not with samples', (t) => {
  const stack = { calls: ['a', 'b', 'a'], value: 1 };
  t.is(treeOf(profileOf(Array.from({ length: 100 }, () => stack))).functionOf.length, 4);
});
