import test from 'ava';
import { type CollectorSummary, type Scrape, captured } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';
import { decodeScrapes } from './decode-scrapes.ts';
import { mainInstance } from './main-instance.ts';

const page = (source: string, body: string): Scrape => ({
  collector: 'prometheus',
  source,
  at: epochMilliseconds(1_000),
  durationMs: milliseconds(0),
  bytes: bytes(0),
  contentType: 'text/plain',
  body,
  error: null,
});

const collectors = (...sources: string[]): CollectorSummary[] =>
  sources.map((source) => ({
    collector: 'prometheus',
    source,
    status: captured({ readings: 1, failures: 0 }),
    totalMs: milliseconds(0),
    totalBytes: bytes(0),
  }));

const mainOf = (scrapes: readonly Scrape[], ...order: string[]): string[] =>
  mainInstance(decodeScrapes(scrapes), collectors(...order)).sources.map(({ source }) => source);

const processPage = (source: string, startedAt: number): Scrape =>
  page(source, `go_goroutines 9\nprocess_start_time_seconds ${startedAt}\n`);

test('of several processes the one named first counts, whichever answered first', (t) => {
  const scrapes = [processPage('b', 1_763_716_380.02), processPage('a', 1_763_716_380.01)];
  t.deepEqual(mainOf(scrapes, 'a', 'b'), ['a']);
  t.deepEqual(mainOf(scrapes, 'b', 'a'), ['b']);
  t.deepEqual(mainOf([page('b', 'go_goroutines 7\n'), page('a', 'go_goroutines 9\n')], 'a', 'b'), ['a']);
});

test('pages of the same process count together, and so do pages that tell of none', (t) => {
  const same = [processPage('a', 1_763_716_380.01), processPage('b', 1_763_716_380.01)];
  t.deepEqual(mainOf(same, 'a', 'b'), ['a', 'b']);
  const own = [page('shop', 'shop_orders_total 7\n'), processPage('a', 1), page('also', 'pool_open 3\n')];
  t.deepEqual(mainOf(own, 'shop', 'a', 'also'), ['shop', 'a', 'also']);
  t.deepEqual(mainOf([], 'a'), []);
});
