import type { CollectorName, Scrape } from '../../model/measurements.ts';
import { after, milliseconds } from '../../model/units.ts';
import { decodeCgroupReadings } from './cgroup-reading.ts';
import { decodeExpvar } from './expvar.ts';
import { decodeGcTrace } from './decode-gctrace.ts';
import { decodeProcessReadings } from './process-reading.ts';
import { decodePostgresReadings } from './postgres-reading.ts';
import { decodePrometheusPages } from './prometheus-pages.ts';
import type { DecodeReadings, DecodedSource, Reading } from './reading.ts';
import { decodeSocketReadings } from './socket-reading.ts';

/** All scrapes of a run as series, one element per source, in the order in which the sources were first read. */
export interface DecodedScrapes {
  readonly sources: readonly DecodedSource[];
}

const decoders: Readonly<Record<CollectorName, DecodeReadings>> = {
  prometheus: decodePrometheusPages,
  expvar: decodeExpvar,
  gctrace: decodeGcTrace,
  process: decodeProcessReadings,
  cgroup: decodeCgroupReadings,
  sockets: decodeSocketReadings,
  postgres: decodePostgresReadings,
};

/**
 * Turns what the collectors stored into series. Never throws for what a body says: what is not understood is counted at
 * its source, the first with its reason. Scrapes may come in any order; of each source they are taken in order of time.
 */
export function decodeScrapes(scrapes: readonly Scrape[]): DecodedScrapes {
  const groups = new Map<string, Scrape[]>();
  for (const scrape of scrapes) {
    const key = `${scrape.collector} ${scrape.source}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [scrape]);
    else group.push(scrape);
  }
  return { sources: [...groups.values()].flatMap((group) => decodeSource(group)) };
}

function decodeSource(scrapes: readonly Scrape[]): DecodedSource[] {
  const [first] = scrapes;
  if (first === undefined) return [];
  const readings = scrapes.flatMap(readingOf).toSorted((one, other) => one.at - other.at);
  const decoded = decoders[first.collector](first.source, readings);
  const { refusals, ...rest } = decoded;
  return [
    {
      malformedLines: 0,
      firstMalformed: null,
      series: [],
      families: new Map(),
      pauses: { pauses: [], missed: 0 },
      gcCycles: [],
      postgres: null,
      ...rest,
      collector: first.collector,
      source: first.source,
      readAt: readings.flatMap(({ at }, index) => (refusals[index] === null ? [at] : [])),
      failures: scrapes.length - readings.length,
      unreadable: refusals.filter((reason) => reason !== null).length,
      firstUnreadable: refusals.find((reason) => reason !== null) ?? null,
    },
  ];
}

function readingOf({ at, durationMs, body, contentType }: Scrape): Reading[] {
  return body === null ? [] : [{ at: after(at, milliseconds(durationMs / 2)), body, contentType }];
}
