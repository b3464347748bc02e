import type { Series } from '../../model/series.ts';
import {
  type Milliseconds,
  microseconds,
  milliseconds,
  millisecondsOf,
  nanoseconds,
  seconds,
} from '../../model/units.ts';
import { fromNothing } from './combine-series.ts';
import type { DecodedScrapes } from './decode-scrapes.ts';
import {
  type HistogramSeries,
  convertHistogram,
  histogramFromNothing,
  histogramsOf,
  sumOfHistograms,
} from './histogram-series.ts';
import type { DecodedSource } from './reading.ts';
import type { Provenance } from './signal.ts';

export type TimeUnit = 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds';

/**
 * A histogram (or summary) of the target that may time its requests. Which one does is for behaviour to tell: its count
 * has to grow as the generator's completions do, and its mean has to stay below the client's.
 */
export interface RequestHistogram {
  /** Of the family, without `_bucket`. */
  readonly name: string;
  /** Null: nothing tells; then bounds and sums below are as the source has them. */
  readonly unit: TimeUnit | null;
  readonly unitFrom: 'metadata' | 'name' | 'bounds' | null;
  /** One per set of labels (route, method, status …); bounds and sums in milliseconds where the unit is known. */
  readonly parts: readonly HistogramSeries[];
  /** All of them; null where their bounds differ. */
  readonly total: HistogramSeries | null;
  readonly provenance: Provenance;
}

/** A counter that may count the target's requests, for services without a histogram. */
export interface RequestCounter {
  readonly name: string;
  readonly parts: readonly Series[];
  readonly provenance: Provenance;
}

/** Families of the runtime, of exporters and of metrics pages themselves: never a request of the workload. */
const foreign = /^(?:go_|process_|promhttp_|scrape_|prometheus_)/;

/** Most likely names first, as the candidates are listed. */
const likely = [
  /^http_server_|^http_request|^https?_.*request/,
  /request|handl|rpc_server|grpc_server/,
  /duration|latency|time|seconds|_ms$/,
];
const likelihood = (name: string): number => {
  const rank = likely.findIndex((pattern) => pattern.test(name));
  const client = /client|sql|db_|redis|query/.test(name) ? likely.length : 0;
  return (rank === -1 ? likely.length : rank) + client;
};

export function requestHistograms({ sources }: DecodedScrapes): RequestHistogram[] {
  const candidates = sources.filter(({ collector }) => collector === 'prometheus').flatMap(candidatesOf);
  return candidates.toSorted((one, other) => likelihood(one.name) - likelihood(other.name));
}

function candidatesOf(source: DecodedSource): RequestHistogram[] {
  const names = new Set(
    source.series.flatMap(({ name }) =>
      name.endsWith('_count') && !foreign.test(name) ? [name.slice(0, -'_count'.length)] : [],
    ),
  );
  const byName = Map.groupBy(source.series, ({ name }) => name);
  return [...names].flatMap((name) => {
    if (!byName.has(`${name}_sum`)) return [];
    const family = ['_bucket', '_sum', '_count'].flatMap((suffix) => byName.get(name + suffix) ?? []);
    const histograms = histogramsOf(family, name).map((each) => histogramFromNothing(each, source.readAt));
    const { unit, unitFrom } = unitOf(name, source, histograms);
    if (unit === null && likelihood(name) >= likely.length) return [];
    const parts = unit === null ? histograms : histograms.map((each) => convertHistogram(each, toMilliseconds[unit]));
    const provenance = { collector: source.collector, source: source.source, metrics: [name], note: null };
    return [{ name, unit, unitFrom, parts, total: sumOfHistograms(parts), provenance }];
  });
}

const toMilliseconds: Readonly<Record<TimeUnit, (value: number) => Milliseconds>> = {
  seconds,
  milliseconds,
  microseconds: (value) => millisecondsOf(microseconds(value)),
  nanoseconds,
};

const unitNames: readonly [TimeUnit, RegExp][] = [
  ['milliseconds', /(?:^|[_.])(?:ms|msec|millis|milliseconds)$/i],
  ['microseconds', /(?:^|[_.])(?:us|usec|micros|microseconds)$/i],
  ['nanoseconds', /(?:^|[_.])(?:ns|nsec|nanos|nanoseconds)$/i],
  ['seconds', /(?:^|[_.])(?:s|sec|seconds)$/i],
];

const named = (text: string): TimeUnit | null => unitNames.find(([, pattern]) => pattern.test(text))?.[0] ?? null;

function unitOf(
  name: string,
  { families }: DecodedSource,
  histograms: readonly HistogramSeries[],
): Pick<RequestHistogram, 'unit' | 'unitFrom'> {
  const declared = families.get(name)?.unit ?? '';
  if (declared !== '') return { unit: named(declared), unitFrom: named(declared) === null ? null : 'metadata' };
  const byName = named(name);
  if (byName !== null) return { unit: byName, unitFrom: 'name' };
  if (!/duration|latency|time/i.test(name)) return { unit: null, unitFrom: null };
  const byBounds = unitOfBounds(histograms[0]?.buckets.map(({ upperBound }) => upperBound) ?? []);
  return { unit: byBounds, unitFrom: byBounds === null ? null : 'bounds' };
}

/**
 * Requests take milliseconds to seconds, so bounds below 1 up to a minute or so are seconds, bounds from 1 into the
 * hundreds are milliseconds. Anything else could be either.
 */
function unitOfBounds(bounds: readonly number[]): TimeUnit | null {
  const finite = bounds.filter((bound) => Number.isFinite(bound) && bound > 0);
  const [least, most] = [finite[0], finite.at(-1)];
  if (least === undefined || most === undefined) return null;
  if (least < 0.2 && most <= 120) return 'seconds';
  return least >= 0.5 && most >= 200 && most <= 120_000 ? 'milliseconds' : null;
}

const countsRequests = /(?:requests?|handled|started|responses?)(?:_code)?(?:_total)?$/;

export function requestCounters({ sources }: DecodedScrapes): RequestCounter[] {
  return sources
    .filter(({ collector }) => collector === 'prometheus')
    .flatMap((source) => {
      const counters = source.series.filter(
        ({ name, kind }) => kind === 'counter' && countsRequests.test(name) && !foreign.test(name),
      );
      return [...Map.groupBy(counters, ({ name }) => name)].map(([name, parts]) => ({
        name,
        parts: parts.map((each) => fromNothing(each, source.readAt)),
        provenance: { collector: source.collector, source: source.source, metrics: [name], note: null },
      }));
    });
}
