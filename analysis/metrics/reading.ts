import type { CollectorName } from '../../model/measurements.ts';
import type { Series } from '../../model/series.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import type { GcTraceCycle } from './gctrace-line.ts';
import type { StitchedPauses } from './memory-statistics.ts';
import type { PostgresFacts } from './postgres-facts.ts';
import type { MetricFamily } from './prometheus-text.ts';

/** The body of one reading, and its instant: the middle of the reading, which is at most half its length wrong. */
export interface Reading {
  readonly at: EpochMilliseconds;
  readonly body: string;
  readonly contentType: string | null;
}

/** What the readings of one source hold, and what in them was not understood. */
export interface DecodedSource {
  readonly collector: CollectorName;
  readonly source: string;
  /** Instants of the readings that were understood. */
  readonly readAt: readonly EpochMilliseconds[];
  /** Readings that failed when they were taken, so that there is no body. */
  readonly failures: number;
  /** Bodies that were not understood at all, and why the first was not. */
  readonly unreadable: number;
  readonly firstUnreadable: string | null;
  /** Lines that were skipped in bodies that were understood otherwise. */
  readonly malformedLines: number;
  readonly firstMalformed: string | null;
  readonly series: readonly Series[];
  /** Types, help and units of metric families; empty but for Prometheus pages. */
  readonly families: ReadonlyMap<string, MetricFamily>;
  /** Stop-the-world times one by one; only from expvar. */
  readonly pauses: StitchedPauses;
  /** Garbage collections one by one; only from gctrace. */
  readonly gcCycles: readonly GcTraceCycle[];
  /** Null but for PostgreSQL. */
  readonly postgres: PostgresFacts | null;
}

/** What a decoder of one kind of body gives; everything it leaves out is empty. */
export type DecodedReadings = Partial<
  Pick<DecodedSource, 'malformedLines' | 'firstMalformed' | 'series' | 'families' | 'pauses' | 'gcCycles' | 'postgres'>
> & {
  /** One per reading: why it was not understood, or null. */
  readonly refusals: readonly (string | null)[];
};

/** Decodes all readings of one source, which come in order of time. */
export type DecodeReadings = (source: string, readings: readonly Reading[]) => DecodedReadings;
