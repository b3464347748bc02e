import type { Series } from '../../model/series.ts';
import { seconds } from '../../model/units.ts';
import { convertSeries, differenceOfSeries, sumOfSeries } from './combine-series.ts';
import type { DecodedScrapes } from './decode-scrapes.ts';
import { expvarPools } from './expvar-pools.ts';
import { type HistogramSeries, convertHistogram, histogramFromNothing, histogramsOf } from './histogram-series.ts';
import {
  type Convert,
  type PoolBuckets,
  type PoolExporter,
  type PoolMetric,
  ownHistograms,
  poolExporters,
} from './pool-exporters.ts';
import type { FoundPool, PoolDriver, PoolField, PoolFields } from './pool-fields.ts';
import type { DecodedSource } from './reading.ts';
import type { Labels } from './series-table.ts';
import type { Provenance, Signal, SignalUnit } from './signal.ts';

/** What is known of one pool of connections; null: its exporter does not say. */
export interface PoolSignals extends PoolFields<Signal | null> {
  /** By its labels where it has some, else by its library. Unique within a run. */
  readonly name: string;
  readonly driver: PoolDriver;
  /** Times from asking for a connection to having it, in ms. */
  readonly waitHistogram: HistogramSeries | null;
  /** Times from having a connection to giving it back, in ms. */
  readonly holdHistogram: HistogramSeries | null;
  readonly provenance: Provenance;
}

/** All pools of connections that the target's metrics tell of, in the order of their appearance. */
export function poolSignals({ sources }: DecodedScrapes): PoolSignals[] {
  const pools = sources.flatMap((source) => poolsIn(source).map((pool) => signalsOf(pool, source)));
  return pools.map((pool, index) => {
    const before = pools.slice(0, index).filter(({ name }) => name === pool.name).length;
    return before === 0 ? pool : { ...pool, name: `${pool.name} (${before + 1})` };
  });
}

function poolsIn(source: DecodedSource): readonly FoundPool[] {
  switch (source.collector) {
    case 'prometheus':
      return exportedPools(source).map((pool) => withOwnHistograms(pool, source));
    case 'expvar':
      return expvarPools(source.series);
    default:
      return [];
  }
}

interface Group {
  readonly exporter: PoolExporter;
  readonly labels: Labels;
  readonly prefixName: string;
  readonly fields: Map<PoolField | 'hits' | 'misses', Series>;
  /** Of the histograms of its waits and of its times out. */
  readonly buckets: Readonly<Record<PoolBuckets, Series[]>>;
  readonly metrics: string[];
}

function exportedPools(source: DecodedSource): readonly FoundPool[] {
  const groups = new Map<string, Group>();
  for (const series of source.series) {
    const match = matchOf(series);
    if (match === null) continue;
    const { exporter, metric, prefixName } = match;
    const { field } = metric;
    const apart = isBuckets(field) ? bucketLabels : (metric.only ?? {});
    const labels = Object.fromEntries(
      Object.entries(series.labels).filter(([name]) => !Object.hasOwn(apart, name.replaceAll('.', '_'))),
    );
    const key = JSON.stringify([poolExporters.indexOf(exporter), prefixName, Object.entries(labels)]);
    const group: Group = groups.get(key) ?? {
      exporter,
      labels,
      prefixName,
      fields: new Map(),
      buckets: { waitBuckets: [], useBuckets: [] },
      metrics: [],
    };
    groups.set(key, group);
    group.metrics.push(series.name);
    if (isBuckets(field)) group.buckets[field].push(inMilliseconds(series, metric.convert));
    else if (!group.fields.has(field))
      group.fields.set(field, metric.convert === undefined ? series : convertSeries(series, metric.convert));
  }
  return [...groups.values()].filter(isPool).map(({ exporter, labels, prefixName, fields, buckets, metrics }) => {
    const own = exporter.nameLabels.flatMap((label) => labels[label] ?? labels[label.replaceAll('_', '.')] ?? []);
    const [sum, count] = [fields.get('useMs') ?? null, fields.get('useCount') ?? null];
    return {
      driver: exporter.driver,
      name: own.find((text) => text !== '') ?? (prefixName === '' ? exporter.driver : prefixName),
      note: exporter.note ?? null,
      fields,
      waitHistogram: timesOf(buckets.waitBuckets, { sum: null, count: null }, source),
      holdHistogram: timesOf(buckets.useBuckets, { sum, count }, source),
      metrics,
    };
  });
}

/** The histogram of buckets that were put under one name; null for none. */
function timesOf(
  buckets: readonly Series[],
  parts: Pick<HistogramSeries, 'sum' | 'count'>,
  { readAt }: DecodedSource,
): HistogramSeries | null {
  const histogram = histogramsOf(buckets, bucketsName)[0];
  return histogram === undefined ? null : histogramFromNothing({ ...histogram, ...parts }, readAt);
}

const bucketLabels = { le: '' };
const isBuckets = (field: PoolMetric['field']): field is PoolBuckets =>
  field === 'waitBuckets' || field === 'useBuckets';
const bucketsName = 'wait';

/** A bucket whose bound is in ms, under the one name that `histogramsOf` is asked for. */
function inMilliseconds(series: Series, convert: Convert = (value) => value): Series {
  const { le = '', ...labels } = series.labels;
  const bound = le === '+Inf' ? le : String(convert(le === '' ? Number.NaN : Number(le)));
  return { ...series, name: `${bucketsName}_bucket`, labels: { ...labels, le: bound } };
}

function matchOf(series: Series): { exporter: PoolExporter; metric: PoolMetric; prefixName: string } | null {
  const name = series.name.replaceAll('.', '_');
  const labels = Object.fromEntries(
    Object.entries(series.labels).map(([label, value]) => [label.replaceAll('.', '_'), value]),
  );
  for (const exporter of poolExporters) {
    const prefix = exporter.prefix.exec(name);
    if (prefix === null) continue;
    const rest = name.slice(prefix[0].length);
    const metric = exporter.metrics.find(
      (each) =>
        each.name === rest && Object.entries(each.only ?? {}).every(([label, value]) => labels[label] === value),
    );
    if (metric !== undefined) return { exporter, metric, prefixName: prefix[1] ?? '' };
  }
  return null;
}

/** A pool tells at least how many connections it has, not only times. */
const isPool = ({ fields }: Group): boolean => fields.has('inUse') || fields.has('open') || fields.has('idle');

/** Adds what the program itself measures around the pool of that name; what the pool's own exporter says stays. */
function withOwnHistograms(pool: FoundPool, source: DecodedSource): FoundPool {
  const histogramOf = (name: string): HistogramSeries | undefined =>
    histogramsOf(
      source.series.filter(
        (series) => series.name.startsWith(name) && series.labels[ownHistograms.nameLabel] === pool.name,
      ),
      name,
    )[0];
  const [wait, hold] = [histogramOf(ownHistograms.wait), histogramOf(ownHistograms.hold)];
  const added: readonly (readonly [PoolField, Series | null | undefined, Convert])[] = [
    ['acquireCount', wait?.count, (count) => count],
    ['acquireMs', wait?.sum, seconds],
    ['useCount', hold?.count, (count) => count],
    ['useMs', hold?.sum, seconds],
  ];
  const fields = new Map(pool.fields);
  const metrics = [...pool.metrics];
  for (const [field, series, convert] of added) {
    if (series == null || fields.has(field)) continue;
    fields.set(field, convertSeries(series, convert));
    metrics.push(series.name);
  }
  const inMs = (histogram: HistogramSeries | undefined): HistogramSeries | null =>
    histogram === undefined ? null : convertHistogram(histogramFromNothing(histogram, source.readAt), seconds);
  return {
    ...pool,
    fields,
    metrics,
    waitHistogram: pool.waitHistogram ?? inMs(wait),
    holdHistogram: pool.holdHistogram ?? inMs(hold),
  };
}

const units: Readonly<Partial<Record<PoolField, SignalUnit>>> = {
  waitMs: 'ms',
  acquireMs: 'ms',
  useMs: 'ms',
  dialMs: 'ms',
};

function signalsOf(
  { driver, name, note, fields: found, waitHistogram, holdHistogram, metrics }: FoundPool,
  source: DecodedSource,
): PoolSignals {
  const provenance: Provenance = { collector: source.collector, source: source.source, metrics, note };
  const fields = new Map(found);
  const [open, idle] = [fields.get('open'), fields.get('idle')];
  if (!fields.has('inUse') && open !== undefined && idle !== undefined)
    fields.set('inUse', differenceOfSeries(open, idle));
  const asked = sumOfSeries([fields.get('hits'), fields.get('misses')].filter((part) => part !== undefined));
  if (fields.has('hits') && fields.has('misses') && asked !== null) fields.set('acquireCount', asked);
  const signal = (field: PoolField): Signal | null => {
    const series = fields.get(field);
    return series === undefined ? null : { unit: units[field] ?? 'count', series, provenance };
  };
  return {
    name,
    driver,
    maxOpen: signal('maxOpen'),
    open: signal('open'),
    inUse: signal('inUse'),
    idle: signal('idle'),
    maxIdle: signal('maxIdle'),
    pending: signal('pending'),
    waitCount: signal('waitCount'),
    waitMs: signal('waitMs'),
    acquireCount: signal('acquireCount'),
    acquireMs: signal('acquireMs'),
    waitHistogram,
    holdHistogram,
    useCount: signal('useCount'),
    useMs: signal('useMs'),
    maxIdleClosed: signal('maxIdleClosed'),
    maxIdleTimeClosed: signal('maxIdleTimeClosed'),
    maxLifetimeClosed: signal('maxLifetimeClosed'),
    newConnections: signal('newConnections'),
    dialMs: signal('dialMs'),
    cancelledAcquires: signal('cancelledAcquires'),
    timeouts: signal('timeouts'),
    provenance,
  };
}
