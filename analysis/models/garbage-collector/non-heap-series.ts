import type { Series } from '../../../model/series.ts';
import { differenceOfSeries } from '../../metrics/combine-series.ts';
import type { TargetSignals } from '../../metrics/target-signals.ts';

/** Memory of the runtime that is neither heap objects nor free heap, as GOMEMLIMIT's goal reckons; null where not known. */
export function nonHeapSeries({
  runtimeBytes,
  heapObjectsBytes,
  heapFreeBytes,
}: TargetSignals['memory']): Series | null {
  if (runtimeBytes === null || heapObjectsBytes === null || heapFreeBytes === null) return null;
  return differenceOfSeries(differenceOfSeries(runtimeBytes.series, heapObjectsBytes.series), heapFreeBytes.series);
}
