import { type Milliseconds, microseconds, milliseconds, millisecondsOf, seconds } from '../../model/units.ts';
import type { SecondTraffic } from '../traffic/decode-traffic.ts';
import { maximumOfCounts } from '../traffic/value-counts.ts';

export interface Stalls {
  /** Seconds of the load in which stalls began. */
  readonly starts: readonly number[];
  readonly periodMs: Milliseconds;
  /** Longest answer of a stall: the middle of all, the least and the most. */
  readonly lengthMs: Milliseconds;
  readonly shortestMs: Milliseconds;
  readonly longestMs: Milliseconds;
}

/** A second's longest answer is a stall's where it is so many times as long as that of the middle second, and so long. */
const timesUsual = 4;
const shortest = seconds(0.05);
/** Fewer come by chance. */
const fewest = 3;
/** Standard deviation of the distances over their mean. What comes by chance has about 1. */
const regular = 0.3;
/** Stalls in every other second are no stalls but how it is. */
const mostShare = 0.4;

/** Stalls at equal distances; null where there are none or they come irregularly. */
export function periodicStalls(steady: readonly SecondTraffic[]): Stalls | null {
  const longest = steady.flatMap(({ second, response }) => {
    const value = maximumOfCounts(response);
    return value === null ? [] : [{ second, value: millisecondsOf(microseconds(value)) }];
  });
  const usual = middle(longest.map(({ value }) => value));
  if (usual === null) return null;
  const slow = longest.filter(({ value }) => value >= timesUsual * usual && value >= shortest);
  const begun = slow.filter(({ second }, index) => index === 0 || second > (slow[index - 1]?.second ?? second) + 1);
  if (begun.length < fewest || slow.length > mostShare * longest.length) return null;
  const distances = begun.slice(1).map(({ second }, index) => second - (begun[index]?.second ?? second));
  const mean = distances.reduce((sum, value) => sum + value, 0) / distances.length;
  const spread = Math.sqrt(distances.reduce((sum, value) => sum + (value - mean) ** 2, 0) / distances.length);
  // The whole stage has to have them: three in a row and then none are a disturbance.
  const expected = longest.length / mean;
  if (spread > regular * mean || begun.length < expected - 2) return null;
  const lengths = begun.map(({ second }) =>
    Math.max(...slow.filter((each) => each.second === second || each.second === second + 1).map(({ value }) => value)),
  );
  return {
    starts: begun.map(({ second }) => second),
    periodMs: seconds(mean),
    lengthMs: milliseconds(middle(lengths) ?? 0),
    shortestMs: milliseconds(Math.min(...lengths)),
    longestMs: milliseconds(Math.max(...lengths)),
  };
}

const middle = (values: readonly number[]): number | null =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? null;
