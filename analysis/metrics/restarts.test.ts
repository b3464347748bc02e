import test from 'ava';
import type { CollectorName, Scrape } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';
import { decodeScrapes } from './decode-scrapes.ts';
import { type Restarts, restartsOf } from './restarts.ts';

const scrape = (at: number, body: string, collector: CollectorName = 'prometheus'): Scrape => ({
  collector,
  source: collector,
  at: epochMilliseconds(at),
  durationMs: milliseconds(0),
  bytes: bytes(0),
  contentType: null,
  body,
  error: null,
});
const found = (...scrapes: readonly Scrape[]): Restarts => restartsOf(decodeScrapes(scrapes));
const page = (start: number, cpu: number, alloc: number): string =>
  `process_start_time_seconds ${start}\nprocess_cpu_seconds_total ${cpu}\ngo_memstats_alloc_bytes_total ${alloc}\n`;

test('another start time, or counters that fell, are one restart with all that told', (t) => {
  const { restarts, severalInstances } = found(
    scrape(1000, page(1.7e9, 5, 100)),
    scrape(2000, page(1.7e9, 6, 200)),
    scrape(3000, page(1.7e9 + 60, 1, 250)),
    scrape(4000, page(1.7e9 + 60, 2, 300)),
    scrape(1500, '{"memstats":{"TotalAlloc":150}}', 'expvar'),
    scrape(2500, '{"memstats":{"TotalAlloc":20}}', 'expvar'),
  );
  t.is(restarts.length, 1);
  t.like(restarts[0], { after: epochMilliseconds(2000), at: epochMilliseconds(2500) });
  t.deepEqual(restarts[0]?.evidence.toSorted(), [
    'memstats.TotalAlloc',
    'process_cpu_seconds_total',
    'process_start_time_seconds',
  ]);
  t.false(severalInstances);
});

test('two restarts are two', (t) => {
  const pages = [page(1.7e9, 5, 1), page(1.7e9 + 10, 1, 1), page(1.7e9 + 20, 2, 1)];
  t.deepEqual(
    found(...pages.map((body, index) => scrape(index * 1000, body))).restarts.map(({ at }) => Number(at)),
    [1000, 2000],
  );
});

test('a process that goes on, with a clock that is set right and gauges that fall, did not restart', (t) => {
  t.deepEqual(
    found(
      scrape(1, page(1.7e9, 5, 1) + 'go_goroutines 9\nmy_total 7'),
      scrape(2, page(1.7e9 + 1, 6, 2) + 'go_goroutines 1\nmy_total 3'),
    ),
    { restarts: [], severalInstances: false },
  );
});

test('start times that go forth and back are several processes', (t) => {
  const pages = [1.7e9, 1.7e9 + 50, 1.7e9, 1.7e9 + 50].map((start) => page(start, 5, 1));
  t.true(found(...pages.map((body, index) => scrape(index, body))).severalInstances);
});
