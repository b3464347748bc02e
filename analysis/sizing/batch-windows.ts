import type { EpochMilliseconds } from '../../model/units.ts';
import type { TimeWindow } from '../metrics/series-window.ts';

/** The stretches of batches of consecutive readings, each up to the first reading of the next. */
export function batchWindows(
  batches: readonly (readonly { readonly at: EpochMilliseconds }[])[],
): readonly TimeWindow[] {
  return batches.flatMap((batch, index): TimeWindow[] => {
    const [from, to] = [batch[0]?.at, batches[index + 1]?.[0]?.at ?? batch.at(-1)?.at];
    return from === undefined || to === undefined || to <= from ? [] : [{ from, to }];
  });
}
