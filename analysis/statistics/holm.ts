/**
 * Holm's adjustment of a family of p-values: the i-th smallest of k times k − i + 1, at most 1 and never below a smaller
 * one's. To call significant what is at most α then keeps the chance of any false alarm in the family at α, however the
 * tests depend on one another.
 *
 * Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
 * Tested against a direct evaluation (fixtures/reference/holm.json).
 *
 * @returns adjusted values in the order given
 * @throws RangeError unless all are in 0 to 1.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  if (!pValues.every((p) => p >= 0 && p <= 1)) throw new RangeError(`not all of ${pValues.join(', ')} are in 0 to 1`);
  const adjusted = [...pValues];
  let largest = 0;
  const rising = [...pValues.entries()].toSorted(([, left], [, right]) => left - right);
  for (const [rank, [index, p]] of rising.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * p));
    adjusted[index] = largest;
  }
  return adjusted;
}
