/** What of a tree is looked at. */
export interface FlameView {
  /** Which profile the widths are of. */
  readonly shown: number;
  /** Which profile it is compared with; null: with none. */
  readonly base: number | null;
  /** The node that is as wide as the picture. */
  readonly root: number;
}
