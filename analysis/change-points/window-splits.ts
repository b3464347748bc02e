/** Where a piece of a series is most unlike itself. */
export interface Split {
  /** Of the first value after the split. */
  readonly index: number;
  /** The energy distance Q, larger for a stronger split. */
  readonly strength: number;
}

/**
 * Finds, in pieces of one window, the split with the largest energy distance (E-divisive with α = 1):
 *
 * Q(τ, κ) = 2 / (m + n) Σ|x − y| − 2m / ((m + n)(n − 1)) Σ|x − x'| − 2n / ((m + n)(m − 1)) Σ|y − y'|
 *
 * of the n values from the piece's start to τ against the m from τ to κ, over all τ and all ends κ, so that a later change
 * does not hide an earlier one. Of equal ones the smallest τ counts, then the smallest κ. Sums are made in the order in
 * which Apache Otava 0.8 makes them, so that equal distances are equal here too.
 *
 * Source: Matteson and James, JASA 109 (2014); with free κ: Fleming et al., ICPE 2023.
 */
export class WindowSplits {
  readonly #distance: (left: number, right: number) => number;
  /** [τ]: distances of τ to everything before it. */
  readonly #before: Float64Array;
  readonly #length: number;

  constructor(window: ArrayLike<number>) {
    this.#distance = (left, right) => Math.abs((window[left] ?? 0) - (window[right] ?? 0));
    this.#length = window.length;
    this.#before = new Float64Array(window.length);
    for (let row = 0; row < window.length; row++)
      for (let column = row + 1; column < window.length; column++)
        add(this.#before, column, this.#distance(row, column));
  }

  /** Of the values from `start` up to and without `end`, at least two. */
  strongest(start: number, end = this.#length): Split {
    const withinBefore = this.#withinBefore(start, end);
    // [τ]: the sum of distances from τ to what follows it up to κ; grows with κ.
    const following = new Float64Array(end - start);
    const withinAfter = new Float64Array(end - start + 1);
    let best: Split = { index: start + 1, strength: Number.NEGATIVE_INFINITY };
    for (let kappa = start + 2; kappa <= end; kappa++) {
      const size = kappa - start;
      for (let row = 0; row < size - 1; row++) add(following, row, this.#distance(start + row, kappa - 1));
      withinAfter[size - 1] = 0;
      for (let row = size - 2; row > 0; row--) withinAfter[row] = (withinAfter[row + 1] ?? 0) + (following[row] ?? 0);
      let all = 0;
      for (let left = 1; left < size; left++) {
        all += following[left - 1] ?? 0;
        const strength = energyDistance(left, size - left, all, withinBefore[left] ?? 0, withinAfter[left] ?? 0);
        const index = start + left;
        if (strength > best.strength || (strength === best.strength && index < best.index)) best = { index, strength };
      }
    }
    return best;
  }

  /** [n]: the sum of distances within the first n values from `start`. */
  #withinBefore(start: number, end: number): Float64Array {
    const sums = new Float64Array(end - start + 1);
    for (let left = 2; left <= end - start; left++) {
      const tau = start + left - 1;
      let earlier = 0;
      for (let row = 0; row < start; row++) earlier += this.#distance(row, tau);
      sums[left] = (sums[left - 1] ?? 0) + ((this.#before[tau] ?? 0) - earlier);
    }
    return sums;
  }
}

/** @param all sum of the distances from each value on the left to each that follows it up to κ */
function energyDistance(left: number, right: number, all: number, withinLeft: number, withinRight: number): number {
  const size = left + right;
  const between = (2 / size) * (all - withinLeft);
  const ofLeft = left === 1 ? 0 : ((2 * right) / (size * (left - 1))) * withinLeft;
  const ofRight = right === 1 ? 0 : ((2 * left) / (size * (right - 1))) * withinRight;
  return between - ofLeft - ofRight;
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] ?? 0) + value;
}
