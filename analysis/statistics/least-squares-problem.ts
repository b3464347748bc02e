/** A curve to be laid through observations by its parameters, which stay within bounds. */
export interface LeastSquaresProblem {
  readonly observed: Float64Array;
  /** Per parameter; −Infinity and Infinity where it may be anything. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Writes the curve at every observation, and its derivatives there, one list per parameter. */
  readonly evaluate: (parameters: Float64Array, values: Float64Array, gradients: readonly Float64Array[]) => void;
}
