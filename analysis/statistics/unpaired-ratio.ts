import { pairsOutside } from './pairs-outside.ts';

/** How many times as large one sample's values are as another's: see `unpairedRatio`. */
export interface UnpairedRatio {
  /** Infinite beside zeros alone; NaN where the middle ratios are 0 and infinite. */
  readonly estimate: number;
  /** 0 where the values set no limit at this confidence. */
  readonly low: number;
  /** Infinite where the values set no limit. */
  readonly high: number;
  readonly confidence: number;
  readonly method: string;
}

/**
 * How many times as large the second sample's values are as the first's: the Hodges–Lehmann estimate on logarithms, which
 * is the median of all ratios of a value of the second to one of the first, with the interval that belongs to the
 * Mann–Whitney test: of the sorted ratios the k-th from both ends, k the largest for which the test without ties would
 * still reject. Its confidence is at least the one asked for; of ties it is on the safe side. No distribution is assumed.
 * Swapping the samples gives the reciprocal; a change of unit changes nothing.
 *
 * Two zeros are as large as one another; anything above 0 is without limit beside 0.
 *
 * Source: Hodges and Lehmann, Annals of Mathematical Statistics 34 (1963); Lehmann, Nonparametrics (1975), 2.6.
 * Tested against SciPy and NumPy (fixtures/reference/mann-whitney.json).
 *
 * @throws RangeError for an empty sample, and for values below 0 or not finite.
 */
export function unpairedRatio(first: readonly number[], second: readonly number[], confidence: number): UnpairedRatio {
  if (first.length === 0 || second.length === 0) throw new RangeError('an empty sample cannot be compared');
  const wrong = [...first, ...second].find((value) => !(value >= 0 && Number.isFinite(value)));
  if (wrong !== undefined) throw new RangeError(`${wrong} is not a number of at least 0`);
  const ratios = Float64Array.from(
    second.flatMap((above) => first.map((below) => (above === below ? 1 : above / below))),
  ).toSorted();
  const outside = pairsOutside(first.length, second.length, 1 - confidence);
  return {
    estimate: middle(ratios),
    low: ratios[outside - 1] ?? 0,
    high: outside === 0 ? Number.POSITIVE_INFINITY : (ratios.at(-outside) ?? Number.POSITIVE_INFINITY),
    confidence,
    method: `Hodges–Lehmann estimate and Mann–Whitney interval of ${ratios.length} ratios`,
  };
}

/** Between the two middle ones on logarithms, so that the reciprocals' middle is the reciprocal. */
function middle(ratios: Float64Array): number {
  const below = ratios[Math.floor((ratios.length - 1) / 2)] ?? Number.NaN;
  const above = ratios[Math.ceil((ratios.length - 1) / 2)] ?? Number.NaN;
  return below === above ? below : Math.sqrt(below) * Math.sqrt(above);
}
