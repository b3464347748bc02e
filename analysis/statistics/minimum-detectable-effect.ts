import { type Random, seededRandom } from '../../model/random.ts';
import { momentsOf } from './moments.ts';
import { normalQuantile } from './normal-quantile.ts';
import { quantile } from './quantile.ts';
import { pairsOutside } from './pairs-outside.ts';

/**
 * The smallest change, as a fraction, that a Mann–Whitney test of as many values as these would find in 80 of 100
 * repetitions, if values scatter as much as these do: what the comparison was able to see at all.
 *
 * Logarithms are taken as normal with the pooled variance of both samples. Up to 400 pairs of values the power of the test
 * is drawn: in each of 2,000 drawings with a fixed seed the shift is found from which on the test rejects, and their
 * quantile is the answer. Above that by the test's efficiency 3/π beside Student's.
 *
 * @param alpha level of the test, two-sided
 * @returns null where no shift, however large, is found (too few values for alpha), and where a value is not above 0.
 */
export function minimumDetectableEffect(
  first: readonly number[],
  second: readonly number[],
  alpha: number,
): number | null {
  if (first.length < 2 || second.length < 2 || ![...first, ...second].every((value) => value > 0)) return null;
  const shift = standardShift(first.length, second.length, alpha);
  return shift === null ? null : Math.expm1(shift * logScatter(first, second));
}

const power = 0.8;
const mostDrawnPairs = 400;
const drawings = 2_000;

function logScatter(first: readonly number[], second: readonly number[]): number {
  const squares = [first, second].map((values) => momentsOf(values.map(Math.log)).variance * (values.length - 1));
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / (first.length + second.length - 2));
}

/** Metrics of one comparison mostly have the same numbers of values, and drawing takes its time. */
const knownShifts = new Map<string, number | null>();

/** In standard deviations of one value. */
function standardShift(first: number, second: number, alpha: number): number | null {
  const key = `${first} ${second} ${alpha}`;
  const shift = knownShifts.get(key) ?? computeShift(first, second, alpha);
  knownShifts.set(key, shift);
  return shift;
}

function computeShift(first: number, second: number, alpha: number): number | null {
  const outside = pairsOutside(first, second, alpha);
  if (outside === 0) return null;
  const pairs = first * second;
  if (pairs > mostDrawnPairs)
    return (
      (normalQuantile(1 - alpha / 2) + normalQuantile(power)) * Math.sqrt((first + second) / pairs / (3 / Math.PI))
    );
  const random = seededRandom(1);
  const found = Array.from({ length: drawings }, () => shiftToReject(first, second, outside, random));
  return quantile(found, power);
}

/** The test rejects when all but fewer than `outside` pairs have the second's value above the first's. */
function shiftToReject(first: number, second: number, outside: number, random: Random): number {
  const normals = (length: number): readonly number[] =>
    Array.from({ length }, () => normalQuantile(Math.max(random.next(), Number.EPSILON)));
  const below = normals(first);
  const above = normals(second);
  const needed = Float64Array.from(below.flatMap((lower) => above.map((upper) => lower - upper))).toSorted();
  return needed.at(-outside) ?? Number.POSITIVE_INFINITY;
}
