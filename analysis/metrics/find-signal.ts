import type { CollectorName } from '../../model/measurements.ts';
import type { Series } from '../../model/series.ts';
import { convertSeries, differenceOfSeries } from './combine-series.ts';
import type { DecodedScrapes } from './decode-scrapes.ts';
import { convertHistogram, histogramsOf } from './histogram-series.ts';
import type { DecodedSource } from './reading.ts';
import type { Labels } from './series-table.ts';
import type { HistogramSignal, Provenance, Signal, SignalUnit } from './signal.ts';

/** One way to know a signal: a metric of a collector, perhaps minus another one, and what it takes to get to the unit. */
export interface Candidate {
  readonly collector: CollectorName;
  readonly metric: string;
  readonly minus?: string;
  readonly labels?: Labels;
  readonly convert?: (value: number) => number;
  readonly note?: string;
}

/** Series of a run by the name of their metric. Of several sources with the same metric the one read first counts. */
export class SignalFinder {
  readonly #sources: readonly { source: DecodedSource; byName: ReadonlyMap<string, readonly Series[]> }[];

  constructor({ sources }: DecodedScrapes) {
    this.#sources = sources.map((source) => ({ source, byName: Map.groupBy(source.series, ({ name }) => name) }));
  }

  /** The first of the candidates that was collected; null where none was. */
  first(unit: SignalUnit, candidates: readonly Candidate[]): Signal | null {
    for (const candidate of candidates) {
      for (const { source, byName } of this.#sources) {
        if (source.collector !== candidate.collector) continue;
        const series = seriesOf(candidate, byName);
        if (series !== null) return { unit, series, provenance: provenanceOf(source, candidate) };
      }
    }
    return null;
  }

  /** The first of the histograms (named without `_bucket`) that was collected and has one set of labels only. */
  firstHistogram(unit: SignalUnit, candidates: readonly Candidate[]): HistogramSignal | null {
    for (const candidate of candidates) {
      for (const { source, byName } of this.#sources) {
        if (source.collector !== candidate.collector || !byName.has(`${candidate.metric}_bucket`)) continue;
        const [histogram, another] = histogramsOf(source.series, candidate.metric);
        if (histogram === undefined || another !== undefined) continue;
        const { convert } = candidate;
        return {
          unit,
          histogram: convert === undefined ? histogram : convertHistogram(histogram, convert),
          provenance: provenanceOf(source, candidate),
        };
      }
    }
    return null;
  }
}

function seriesOf(
  { metric, minus, labels, convert }: Candidate,
  byName: ReadonlyMap<string, readonly Series[]>,
): Series | null {
  const from = theOne(byName.get(metric) ?? [], labels);
  if (from === null) return null;
  const subtract = minus === undefined ? null : theOne(byName.get(minus) ?? [], labels);
  if (minus !== undefined && subtract === null) return null;
  const series = subtract === null ? from : differenceOfSeries(from, subtract);
  return convert === undefined ? series : convertSeries(series, convert);
}

/** The series with these labels; where several have them, the one that has no others. Never one of several at random. */
function theOne(list: readonly Series[], labels: Labels = {}): Series | null {
  const wanted = Object.entries(labels);
  const fitting = list.filter((series) => wanted.every(([name, value]) => series.labels[name] === value));
  if (fitting.length === 1) return fitting[0] ?? null;
  return fitting.find((series) => Object.keys(series.labels).length === wanted.length) ?? null;
}

const provenanceOf = (source: DecodedSource, { metric, minus, note }: Candidate): Provenance => ({
  collector: source.collector,
  source: source.source,
  metrics: minus === undefined ? [metric] : [metric, minus],
  note: note ?? null,
});
