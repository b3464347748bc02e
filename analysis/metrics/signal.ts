import type { CollectorName } from '../../model/measurements.ts';
import type { Series } from '../../model/series.ts';
import type { HistogramSeries } from './histogram-series.ts';

/** Where a figure comes from, as the report shows it. */
export interface Provenance {
  readonly collector: CollectorName;
  readonly source: string;
  /** Names as the source spells them. */
  readonly metrics: readonly string[];
  /** What one has to know to read it right; null: nothing. */
  readonly note: string | null;
}

export type SignalUnit = 'ms' | 'epoch-ms' | 'bytes' | 'count' | 'percent' | 'cores' | 'ratio';

/** One measurement of the target over time, in a known unit whatever its source's was. */
export interface Signal {
  readonly unit: SignalUnit;
  readonly series: Series;
  readonly provenance: Provenance;
}

/** A distribution over time; its bounds and sum are in `unit`. */
export interface HistogramSignal {
  readonly unit: SignalUnit;
  readonly histogram: HistogramSeries;
  readonly provenance: Provenance;
}
