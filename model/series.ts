import type { CollectorName } from './measurements.ts';
import type { EpochMilliseconds } from './units.ts';

/** What a metric's value means; `unknown` where the source does not say (a counter is then told by its name). */
export type SeriesKind = 'counter' | 'gauge' | 'histogram-bucket' | 'summary-quantile' | 'unknown';

/** One time series as decoded from the scrapes of one source: name and labels identify it within the source. */
export interface Series {
  readonly collector: CollectorName;
  readonly source: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: SeriesKind;
  /** Instants and values of equal length, rising in time. NaN and infinities are kept as the source said them. */
  readonly at: readonly EpochMilliseconds[];
  readonly values: readonly number[];
}
