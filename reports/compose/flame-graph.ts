import type { FlameGraph } from '../document.ts';
import type { FlameData } from '../flame-graph/flame-data.ts';
import { flameTable, legendText } from '../flame-graph/flame-text.ts';
import { FlameTree } from '../flame-graph/flame-tree.ts';

/** A flame graph with the words and the table of what it shows at first. */
export function composeFlameGraph(
  data: FlameData,
  about: Pick<FlameGraph, 'id' | 'title' | 'ownText' | 'folded'>,
): FlameGraph {
  const tree = new FlameTree(data);
  const view = { shown: data.shown, base: data.isCompared ? data.base : null, root: 0 };
  return {
    kind: 'flame-graph',
    ...about,
    legend: legendText(tree, view),
    data,
    table: flameTable(tree, view, about.title),
  };
}
