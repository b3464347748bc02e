/**
 * Whether a ratio is a change that matters: at least 1 + threshold, or at most its reciprocal, so that the answer is the
 * same whichever of both sides is taken for the base.
 */
export function exceedsThreshold(ratio: number, threshold: number): boolean {
  return ratio >= 1 + threshold || ratio <= 1 / (1 + threshold);
}
