import type { FlameTree } from './flame-tree.ts';
import type { FlameView } from './flame-view.ts';

/** A node in the picture. */
export interface Frame {
  readonly node: number;
  /** Row, from the top; callees are below their caller. */
  readonly row: number;
  /** Shares of the picture's width. */
  readonly left: number;
  readonly width: number;
}

/**
 * What is to be drawn, row by row within each branch: the callers of the view's root over the whole width, the root, and
 * of all below it what is wide enough to be seen. What is narrower is passed over with everything below it, so that the
 * work depends on the size of the picture and not on that of the tree.
 *
 * @param least share of the picture's width
 */
export function visibleFrames(tree: FlameTree, { shown, root }: FlameView, least: number): readonly Frame[] {
  const frames: Frame[] = tree.callers(root).map((node) => ({ node, row: tree.depth(node), left: 0, width: 1 }));
  frames.push({ node: root, row: tree.depth(root), left: 0, width: 1 });
  const whole = tree.value(shown, root);
  if (whole <= 0) return frames;
  const end = tree.endOf[root] ?? 0;
  /** By depth, where the next callee begins. */
  const next: number[] = [];
  next[tree.depth(root) + 1] = 0;
  for (let node = root + 1; node < end;) {
    const row = tree.depth(node);
    const left = next[row] ?? 0;
    const width = tree.value(shown, node) / whole;
    next[row] = left + width;
    if (width < least || width <= 0) {
      node = tree.endOf[node] ?? end;
      continue;
    }
    next[row + 1] = left;
    frames.push({ node, row, left, width });
    node++;
  }
  return frames;
}
