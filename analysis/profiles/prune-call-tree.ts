import { ratio } from '../../model/units.ts';
import type { BareCallTree } from './call-tree.ts';

/**
 * The tree with so few nodes that its figures are at most so many: a function and a depth for each node, and a value for
 * each profile that has one. The nodes with the largest share of any profile stay. The small callees of one caller are put
 * together into one node, so that nothing is lost from any sum and a caller's own cost stays what it leaves of its callees'.
 */
export function pruneCallTree<Tree extends BareCallTree>(tree: Tree, mostFigures: number): Tree {
  if (figuresOf(tree) <= mostFigures) return tree;
  const shares = tree.functionOf.map((_, node) => largestShare(tree, node));
  // Callers come before their callees, which never have a larger share.
  const bySize = shares.map((_, node) => node).toSorted((one, other) => (shares[other] ?? 0) - (shares[one] ?? 0));
  let [fits, breaks] = [1, bySize.length];
  while (breaks - fits > 1) {
    const middle = (fits + breaks) >> 1;
    if (figuresOf(withOnly(tree, bySize.slice(0, middle), shares)) <= mostFigures) fits = middle;
    else breaks = middle;
  }
  return withoutUnused(withOnly(tree, bySize.slice(0, fits), shares));
}

function figuresOf({ functionOf, profiles }: BareCallTree): number {
  return profiles.reduce(
    (sum, { cumulative }) => sum + cumulative.reduce((count, value) => count + Math.sign(value), 0),
    2 * functionOf.length,
  );
}

function largestShare({ profiles }: BareCallTree, node: number): number {
  return profiles.reduce((most, { cumulative }) => {
    const all = cumulative[0] ?? 0;
    return all === 0 ? most : Math.max(most, (cumulative[node] ?? 0) / all);
  }, 0);
}

/** Small callees of a node whose own callees are still being read. */
interface Rest {
  nodes: number;
  readonly values: number[];
}

function withOnly<Tree extends BareCallTree>(tree: Tree, kept: readonly number[], shares: readonly number[]): Tree {
  const isKept = new Uint8Array(tree.functionOf.length);
  for (const node of kept) isKept[node] = 1;
  const functionOf: number[] = [];
  const depthOf: number[] = [];
  const cumulative: number[][] = tree.profiles.map(() => []);
  const add = (functionIndex: number, depth: number, valueOf: (profile: number) => number): void => {
    functionOf.push(functionIndex);
    depthOf.push(depth);
    for (const [profile, values] of cumulative.entries()) values.push(valueOf(profile));
  };
  /** By depth, the nodes from the root to the one at hand. What they leave out comes behind their last callee. */
  const open: Rest[] = [];
  const close = (depth: number): void => {
    for (let rest = open.pop(); rest !== undefined; rest = open.pop()) {
      const { nodes, values } = rest;
      if (nodes > 0) add(-nodes, open.length + 1, (profile) => values[profile] ?? 0);
      if (open.length === depth) return;
    }
  };
  let [nodes, largest] = [0, 0];
  for (let node = 0; node < isKept.length; node++) {
    const depth = tree.depthOf[node] ?? 0;
    if (open.length > depth) close(depth);
    const valueOf = (profile: number): number => tree.profiles[profile]?.cumulative[node] ?? 0;
    if (isKept[node] === 1) {
      add(tree.functionOf[node] ?? 0, depth, valueOf);
      open.push({ nodes: 0, values: tree.profiles.map(() => 0) });
      continue;
    }
    const rest = open.at(-1);
    if (rest === undefined) throw new Error('the root of a tree was left out');
    for (const profile of rest.values.keys()) rest.values[profile] = (rest.values[profile] ?? 0) + valueOf(profile);
    largest = Math.max(largest, shares[node] ?? 0);
    const first = node;
    while ((tree.depthOf[node + 1] ?? 0) > depth) node++;
    rest.nodes += node - first + 1;
    nodes += node - first + 1;
  }
  close(0);
  return {
    ...tree,
    functionOf,
    depthOf,
    profiles: tree.profiles.map((profile, index) => ({ ...profile, cumulative: cumulative[index] ?? [] })),
    leftOut: { nodes, largestShare: ratio(largest) },
  };
}

function withoutUnused<Tree extends BareCallTree>(tree: Tree): Tree {
  const used = [...new Set(tree.functionOf.filter((index) => index >= 0))].toSorted((one, other) => one - other);
  const places = new Map(used.map((index, place) => [index, place]));
  return {
    ...tree,
    functions: used.flatMap((index) => tree.functions[index] ?? []),
    functionOf: tree.functionOf.map((index) => places.get(index) ?? index),
  };
}
