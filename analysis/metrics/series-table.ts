import type { CollectorName } from '../../model/measurements.ts';
import type { Series, SeriesKind } from '../../model/series.ts';
import type { EpochMilliseconds } from '../../model/units.ts';

export type Labels = Readonly<Record<string, string>>;

export const noLabels: Labels = {};

/** One series while it grows. */
export interface GrowingSeries {
  readonly name: string;
  readonly labels: Labels;
  kind: SeriesKind;
  readonly at: EpochMilliseconds[];
  readonly values: number[];
}

/**
 * The series of one source while its readings are decoded. Points are kept in plain arrays of numbers, 16 bytes a point;
 * readings must come in order of time.
 */
export class SeriesTable {
  readonly #collector: CollectorName;
  readonly #source: string;
  readonly #growing = new Map<string, GrowingSeries>();

  constructor(collector: CollectorName, source: string) {
    this.#collector = collector;
    this.#source = source;
  }

  /** The series of this name and these labels, in whatever order the labels come; new where it was not seen before. */
  find(name: string, labels: Labels, kind: SeriesKind): GrowingSeries {
    const key = seriesKey(name, labels);
    const known = this.#growing.get(key);
    if (known !== undefined) return known;
    const added: GrowingSeries = { name, labels, kind, at: [], values: [] };
    this.#growing.set(key, added);
    return added;
  }

  /** Adds a point; null is no point. */
  add(at: EpochMilliseconds, value: number | null, name: string, kind: SeriesKind, labels: Labels = noLabels): void {
    if (value === null) return;
    const series = this.find(name, labels, kind);
    series.at.push(at);
    series.values.push(value);
  }

  get growing(): Iterable<GrowingSeries> {
    return this.#growing.values();
  }

  /** All series that have a point, in the order in which they were first seen. */
  finish(): Series[] {
    const filled = [...this.#growing.values()].filter((series) => series.at.length > 0);
    return filled.map((series) => ({ collector: this.#collector, source: this.#source, ...series }));
  }
}

function seriesKey(name: string, labels: Labels): string {
  const names = Object.keys(labels);
  return names.length === 0 ? name : JSON.stringify([name, ...names.toSorted().map((label) => [label, labels[label]])]);
}
