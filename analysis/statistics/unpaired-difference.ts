import { pairsOutside } from './pairs-outside.ts';
import { quantile } from './quantile.ts';

/** By how much one sample's values are above another's: see `unpairedDifference`. */
export interface UnpairedDifference {
  readonly estimate: number;
  /** Minus infinite where the values set no limit at this confidence. */
  readonly low: number;
  /** Infinite where the values set no limit. */
  readonly high: number;
  readonly confidence: number;
  readonly method: string;
}

/**
 * By how much the second sample's values are above the first's: the Hodges–Lehmann estimate, which is the median of all
 * differences of a value of the second to one of the first, with the interval that belongs to the Mann–Whitney test, as
 * `unpairedRatio` has it on logarithms. No distribution is assumed. Swapping the samples changes the sign.
 *
 * Source: Hodges and Lehmann, Annals of Mathematical Statistics 34 (1963); Lehmann, Nonparametrics (1975), 2.6.
 *
 * @throws RangeError for an empty sample, and for values that are not finite.
 */
export function unpairedDifference(
  first: readonly number[],
  second: readonly number[],
  confidence: number,
): UnpairedDifference {
  if (first.length === 0 || second.length === 0) throw new RangeError('an empty sample cannot be compared');
  const wrong = [...first, ...second].find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`${wrong} is not a finite number`);
  const differences = Float64Array.from(second.flatMap((above) => first.map((below) => above - below))).toSorted();
  const outside = pairsOutside(first.length, second.length, 1 - confidence);
  return {
    estimate: quantile([...differences], 0.5) ?? Number.NaN,
    low: differences[outside - 1] ?? Number.NEGATIVE_INFINITY,
    high: outside === 0 ? Number.POSITIVE_INFINITY : (differences.at(-outside) ?? Number.POSITIVE_INFINITY),
    confidence,
    method: `Hodges–Lehmann estimate and Mann–Whitney interval of ${differences.length} differences`,
  };
}
