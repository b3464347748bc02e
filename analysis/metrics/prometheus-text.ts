import type { CollectorName } from '../../model/measurements.ts';
import type { Series, SeriesKind } from '../../model/series.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import { parseMetricNumber, readSampleHead, readSampleValue, unescapeHelp } from './sample-line.ts';
import { type GrowingSeries, SeriesTable } from './series-table.ts';

/** What a page says of a group of samples in its `# TYPE`, `# HELP` and `# UNIT` lines. */
export interface MetricFamily {
  type: string;
  help: string;
  unit: string;
}

/** How one page was understood. `error` is set where nothing in it was: then it is no page of metrics at all. */
export interface PageReport {
  readonly samples: number;
  readonly malformedLines: number;
  readonly firstMalformed: string | null;
  readonly error: string | null;
}

/**
 * A line that was seen before: `prefix` is all of it up to its value (all of it for a comment). Pages of one source
 * repeat their lines in the same order, so each line remembers which one came after it; where that guess is right, a
 * line costs one comparison and one number.
 */
interface KnownLine {
  readonly prefix: string;
  readonly series: GrowingSeries | null;
  /** Number of the page that last had a sample of this series, to find duplicates; shared by all spellings of a series. */
  readonly seen: { page: number };
  next: KnownLine | null;
}

const types = new Set([
  'counter',
  'gauge',
  'histogram',
  'summary',
  'untyped',
  'unknown',
  'info',
  'stateset',
  'gaugehistogram',
]);

const lineFeed = 10;
const carriageReturn = 13;
const blank = 32;
const zero = 48;
const nine = 57;
/** Integers of so many digits are exact in a double whatever their digits. */
const exactDigits = 15;

/**
 * Decodes the pages of one source, in order of time, into series: Prometheus text 0.0.4 and OpenMetrics 1.0, with quoted
 * names and exemplars. Nothing is thrown for what a page says: a line that can't be understood is counted and skipped,
 * the first with its reason. Of samples that occur twice in a page the first counts.
 *
 * Points get the instant of the reading, not the page's own timestamps: all series of a run share one clock.
 */
export class PrometheusTextDecoder {
  readonly families = new Map<string, MetricFamily>();
  readonly #table: SeriesTable;
  readonly #lines = new Map<string, KnownLine>();
  readonly #seen = new Map<GrowingSeries, { page: number }>();
  readonly #begin: KnownLine = { prefix: '', series: null, seen: { page: 0 }, next: null };
  #page = 0;

  constructor(collector: CollectorName, source: string) {
    this.#table = new SeriesTable(collector, source);
  }

  /** @param openMetrics whether the answer said it is OpenMetrics, whose pages must end with `# EOF`. */
  add(text: string, at: EpochMilliseconds, openMetrics = false): PageReport {
    this.#page++;
    const count = { samples: 0, malformed: 0, first: null as string | null };
    const fail = (reason: string, line: string): void => {
      count.malformed++;
      count.first ??= `${reason}: ${excerpt(line)}`;
    };
    let previous = this.#begin;
    let ended = false;
    let position = 0;
    while (position < text.length) {
      const guess = previous.next;
      if (guess !== null && !ended && text.startsWith(guess.prefix, position)) {
        const end = this.#repeat(guess, text, position + guess.prefix.length, at);
        if (end !== -1) {
          if (guess.series !== null) count.samples++;
          previous = guess;
          position = end;
          continue;
        }
      }
      const newline = text.indexOf('\n', position);
      const lineEnd = newline === -1 ? text.length : newline;
      const line = text.slice(position, text.charCodeAt(lineEnd - 1) === carriageReturn ? lineEnd - 1 : lineEnd);
      position = lineEnd + 1;
      if (line.trim() === '') continue;
      if (ended) fail('a line behind # EOF', line);
      else if (line === '# EOF') ended = true;
      else {
        const known = line.trimStart().startsWith('#') ? this.#comment(line) : this.#sample(line, at);
        if (typeof known === 'string') fail(known, line);
        else {
          if (known.series !== null) count.samples++;
          previous.next = known;
          previous = known;
        }
      }
    }
    if (openMetrics && !ended) fail('no # EOF at the end, so the page was cut short', text.slice(-40));
    const error = count.samples === 0 ? whyEmpty(text, count.first, ended) : null;
    return { samples: count.samples, malformedLines: count.malformed, firstMalformed: count.first, error };
  }

  /** All series so far; what a value means follows from the `# TYPE` lines. */
  finish(): Series[] {
    for (const series of this.#table.growing) series.kind = kindOf(series, this.families);
    return this.#table.finish();
  }

  /**
   * The rest of a line whose begin is known. The plain cases only: a value and nothing behind it.
   *
   * @returns where the next line begins, or −1 where the line needs a closer look (nothing was added then).
   */
  #repeat(known: KnownLine, text: string, start: number, at: EpochMilliseconds): number {
    let end = start;
    let integer = 0;
    let digits = true;
    for (let code = text.charCodeAt(end); code > blank; code = text.charCodeAt(++end)) {
      digits &&= code >= zero && code <= nine;
      if (digits) integer = integer * 10 + code - zero;
    }
    let next = end;
    if (text.charCodeAt(next) === carriageReturn) next++;
    if (next < text.length && text.charCodeAt(next) !== lineFeed) return -1;
    if (known.series === null) return end === start ? next + 1 : -1;
    if (end === start || known.seen.page === this.#page) return -1;
    const value = digits && end - start <= exactDigits ? integer : parseMetricNumber(text.slice(start, end));
    if (value === undefined) return -1;
    this.#put(known, known.series, at, value);
    return next + 1;
  }

  #put(known: KnownLine, series: GrowingSeries, at: EpochMilliseconds, value: number): void {
    known.seen.page = this.#page;
    series.at.push(at);
    series.values.push(value);
  }

  /** A sample line seen for the first time, or out of its usual place, or with something behind its value. */
  #sample(line: string, at: EpochMilliseconds): KnownLine | string {
    const head = readSampleHead(line);
    if (typeof head === 'string') return head;
    const value = readSampleValue(line, head.end);
    if (typeof value === 'string') return value;
    const prefix = line.slice(0, head.end);
    let known = this.#lines.get(prefix);
    if (known === undefined) {
      const series = this.#table.find(head.name, head.labels, 'unknown');
      const seen = this.#seen.get(series) ?? { page: 0 };
      this.#seen.set(series, seen);
      known = { prefix, series, seen, next: null };
      this.#lines.set(prefix, known);
    }
    if (known.series === null || known.seen.page === this.#page) return 'a second sample of the same series';
    this.#put(known, known.series, at, value);
    return known;
  }

  #comment(line: string): KnownLine | string {
    const known = this.#lines.get(line);
    if (known !== undefined) return known;
    const [, keyword, quoted, bare, rest = ''] = metadata.exec(line) ?? [];
    if (keyword !== undefined) {
      const name = bare ?? unescapeHelp(quoted ?? '');
      const family = this.families.get(name) ?? { type: 'unknown', help: '', unit: '' };
      if (keyword === 'TYPE' && !types.has(rest)) return `"${rest.slice(0, 40)}" is not a type of metric`;
      if (keyword === 'TYPE') family.type = rest;
      else if (keyword === 'UNIT') family.unit = rest;
      else family.help = unescapeHelp(rest);
      this.families.set(name, family);
    }
    const comment: KnownLine = { prefix: line, series: null, seen: { page: 0 }, next: null };
    this.#lines.set(line, comment);
    return comment;
  }
}

const metadata = /^[ \t]*#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|([^ \t"]+))(?:[ \t]+(.*?))?[ \t]*$/;

const excerpt = (line: string): string => (line.length > 80 ? `${line.slice(0, 80)}…` : line);

function whyEmpty(text: string, firstMalformed: string | null, ended: boolean): string | null {
  if (/^\s*<(?:!doctype|html|\?xml|head|body)/i.test(text.slice(0, 200))) return 'an HTML page instead of metrics';
  if (firstMalformed !== null) return `no metrics in it: ${firstMalformed}`;
  return ended ? null : 'a page without any metric';
}

/** How samples of a family are named beside its own name, and what they mean by the family's type. */
const suffixes: readonly { suffix: string; kinds: Readonly<Record<string, SeriesKind>> }[] = [
  { suffix: '_bucket', kinds: { histogram: 'histogram-bucket', gaugehistogram: 'gauge' } },
  { suffix: '_sum', kinds: { histogram: 'counter', summary: 'counter' } },
  { suffix: '_count', kinds: { histogram: 'counter', summary: 'counter' } },
  { suffix: '_total', kinds: { counter: 'counter' } },
  { suffix: '_gsum', kinds: { gaugehistogram: 'gauge' } },
  { suffix: '_gcount', kinds: { gaugehistogram: 'gauge' } },
  { suffix: '_info', kinds: { info: 'gauge' } },
  { suffix: '_created', kinds: { counter: 'gauge', histogram: 'gauge', summary: 'gauge' } },
];

function kindOf(series: GrowingSeries, families: ReadonlyMap<string, MetricFamily>): SeriesKind {
  switch (families.get(series.name)?.type) {
    case 'counter':
      return 'counter';
    case 'gauge':
    case 'stateset':
    case 'info':
      return 'gauge';
    case 'summary':
      return series.labels['quantile'] === undefined ? 'unknown' : 'summary-quantile';
    default: {
      for (const { suffix, kinds } of suffixes) {
        if (!series.name.endsWith(suffix)) continue;
        const type = families.get(series.name.slice(0, -suffix.length))?.type ?? '';
        if (Object.hasOwn(kinds, type)) return kinds[type] ?? 'unknown';
      }
      return 'unknown';
    }
  }
}
