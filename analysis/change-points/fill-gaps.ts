/**
 * A series whose gaps (null: a night without a value) repeat the value before them, those at its beginning the first value
 * after them, as Apache Otava does. A repeated value is no measurement: whoever fills gaps says so.
 *
 * @returns an empty list where there is no value at all
 */
export function fillGaps(series: readonly (number | null)[]): readonly number[] {
  let last = series.find((value) => value !== null) ?? null;
  return series.flatMap((value) => {
    last = value ?? last;
    return last === null ? [] : [last];
  });
}
