import type { Series } from '../../model/series.ts';
import type { EpochMilliseconds } from '../../model/units.ts';

/** The same series with every value converted, such as to another unit. */
export function convertSeries(series: Series, convert: (value: number) => number): Series {
  return { ...series, values: series.values.map((value) => convert(value)) };
}

/** One minus the other, at the instants at which both have a point. */
export function differenceOfSeries(from: Series, subtract: Series): Series {
  const at: EpochMilliseconds[] = [];
  const values: number[] = [];
  let other = 0;
  for (const [index, instant] of from.at.entries()) {
    while ((subtract.at[other] ?? Infinity) < instant) other++;
    const [left, right] = [from.values[index], subtract.values[other]];
    if (subtract.at[other] !== instant || left === undefined || right === undefined) continue;
    at.push(instant);
    values.push(left - right);
  }
  return { ...from, at, values };
}

/**
 * The sum of several series of one source, at every instant at which one of them has a point. One that has none there
 * adds nothing: a counter that is not in a page yet has not counted anything.
 *
 * @returns null for no series at all.
 */
export function sumOfSeries(list: readonly Series[]): Series | null {
  const [first, ...rest] = list;
  if (first === undefined || rest.length === 0) return first ?? null;
  const sums = new Map<EpochMilliseconds, number>();
  for (const series of list) {
    for (const [index, instant] of series.at.entries())
      sums.set(instant, (sums.get(instant) ?? 0) + (series.values[index] ?? 0));
  }
  const at = [...sums.keys()].toSorted((one, other) => one - other);
  return { ...first, labels: commonLabels(list), at, values: at.map((instant) => sums.get(instant) ?? 0) };
}

/**
 * A counter that appears only after its source was read before begins with a 0 at the reading before: what is not in a
 * page yet has counted nothing.
 *
 * @param readAt instants of the source's readings, rising.
 */
export function fromNothing(counter: Series, readAt: readonly EpochMilliseconds[]): Series {
  const before = readAt.findLast((instant) => instant < (counter.at[0] ?? -Infinity));
  return before === undefined ? counter : { ...counter, at: [before, ...counter.at], values: [0, ...counter.values] };
}

/** All points of series that are one, met under two spellings; at equal instants the first counts. */
export function joinSeries(list: readonly [Series, ...Series[]]): Series {
  const [first, ...rest] = list;
  if (rest.length === 0) return first;
  const points = new Map<EpochMilliseconds, number>();
  for (const series of list) {
    for (const [index, instant] of series.at.entries())
      if (!points.has(instant)) points.set(instant, series.values[index] ?? Number.NaN);
  }
  const at = [...points.keys()].toSorted((one, other) => one - other);
  return { ...first, at, values: at.map((instant) => points.get(instant) ?? Number.NaN) };
}

function commonLabels([first, ...rest]: readonly Series[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(first?.labels ?? {}).filter(([name, value]) => rest.every(({ labels }) => labels[name] === value)),
  );
}
