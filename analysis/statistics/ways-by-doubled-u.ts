/**
 * In how many ways can the tied groups be dealt out so that twice U is the index? Group by group: `ways[a][u]` counts
 * the deals of the groups so far that gave `a` values to the second sample and twice U = u. Counts stay below 1e60, and
 * sums of positive numbers lose no digits.
 *
 * @param sizes of the groups of equal values, in rising order of the value
 * @param first number of values in the first sample
 * @param second number of values in the second; U counts its values above the first's, ties a half
 */
export function waysByDoubledU(sizes: readonly number[], first: number, second: number): Float64Array {
  if (sizes.some((size) => size > 1)) return countWays(sizes, first, second);
  const key = `${first} ${second}`;
  const ways = withoutTies.get(key) ?? countWays(sizes, first, second);
  if (withoutTies.size >= mostKept) withoutTies.clear();
  withoutTies.set(key, ways);
  return ways;
}

/** Most samples have no ties, and whoever tests many pairs of samples has few sizes. */
const withoutTies = new Map<string, Float64Array>();
/** A megabyte or two: those of the largest samples take 160 kB. */
const mostKept = 16;

function countWays(sizes: readonly number[], first: number, second: number): Float64Array {
  let ways = Array.from({ length: second + 1 }, () => new Float64Array(1));
  ways[0]?.fill(1);
  let dealt = 0;
  for (const size of sizes) {
    const after = dealt + size;
    const next = ways.map((_, taken) => new Float64Array(2 * taken * Math.max(0, Math.min(first, after)) + 1));
    for (const [taken, counts] of ways.entries()) {
      const below = dealt - taken;
      if (below < 0 || below > first) continue;
      for (let more = 0; more <= Math.min(size, second - taken); more++) {
        const rest = size - more;
        if (below + rest > first) continue;
        addShifted(next[taken + more], counts, more * (2 * below + rest), choose(size, more));
      }
    }
    ways = next;
    dealt = after;
  }
  return ways[second] ?? new Float64Array();
}

function addShifted(into: Float64Array | undefined, counts: Float64Array, shift: number, times: number): void {
  if (into === undefined) return;
  for (let u = 0; u < counts.length; u++) {
    const count = counts[u] ?? 0;
    if (count > 0) into[u + shift] = (into[u + shift] ?? 0) + count * times;
  }
}

function choose(all: number, some: number): number {
  let ways = 1;
  for (let each = 1; each <= some; each++) ways = (ways * (all - some + each)) / each;
  return Math.round(ways);
}
