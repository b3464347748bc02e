import type { FlameTree } from './flame-tree.ts';

/** Functions of a tree whose name holds a text. */
export interface Found {
  readonly functions: number;
  readonly nodes: readonly number[];
  /** Of the value of the node below which was looked, by profile `shown`; a function that calls itself counts once. */
  readonly share: number;
}

/** Upper and lower case are the same. An empty text finds nothing. */
export function searchTree(tree: FlameTree, text: string, root: number, shown: number): Found {
  const wanted = text.trim().toLowerCase();
  const { functions, functionOf } = tree.data;
  const isFound = functions.map((name) => wanted !== '' && name.toLowerCase().includes(wanted));
  const nodes: number[] = [];
  const seen = new Set<number>();
  let value = 0;
  /** Behind the last node below the outermost match. */
  let counted = 0;
  const end = tree.endOf[root] ?? 0;
  for (let node = root; node < end; node++) {
    const index = functionOf[node] ?? -1;
    if (index < 0 || isFound[index] !== true) continue;
    nodes.push(node);
    seen.add(index);
    if (node < counted) continue;
    value += tree.value(shown, node);
    counted = tree.endOf[node] ?? end;
  }
  const whole = tree.value(shown, root);
  return { functions: seen.size, nodes, share: whole === 0 ? 0 : value / whole };
}
