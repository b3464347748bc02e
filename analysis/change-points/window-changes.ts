import { segmentChange } from './segment-change.ts';
import { type Split, WindowSplits } from './window-splits.ts';

/**
 * The places where one window of a series changes: the strongest split of all pieces, as long as Student's t test of its
 * whole piece finds it at `pValue`; the first that is not found ends the search.
 *
 * @returns indices within the window, rising
 */
export function windowChanges(window: ArrayLike<number>, pValue: number): readonly number[] {
  const splits = new WindowSplits(window);
  let pieces = [pieceOf(splits, 0, window.length)];
  for (;;) {
    let best: (typeof pieces)[number] | null = null;
    for (const piece of pieces)
      if (piece.split !== null && (best?.split == null || piece.split.strength > best.split.strength)) best = piece;
    if (best?.split == null) break;
    const { start, end, split } = best;
    if (!(segmentChange(window, start, split.index, end).pValue <= pValue)) break;
    pieces = pieces.flatMap((piece) =>
      piece === best ? [pieceOf(splits, start, split.index), pieceOf(splits, split.index, end)] : [piece],
    );
  }
  return pieces.slice(1).map(({ start }) => start);
}

interface Piece {
  readonly start: number;
  readonly end: number;
  /** Null: a single value. */
  readonly split: Split | null;
}

const pieceOf = (splits: WindowSplits, start: number, end: number): Piece => ({
  start,
  end,
  split: end - start < 2 ? null : splits.strongest(start, end),
});
