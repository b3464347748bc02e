import { readFile } from 'node:fs/promises';
import test from 'ava';
import type { Scrape } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';
import { type DecodedScrapes, decodeScrapes } from './decode-scrapes.ts';
import { histogramIn, shareWithin } from './histogram-series.ts';
import { requestCounters, requestHistograms } from './request-histograms.ts';

const capture = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/captures/metrics-${name}.txt`, import.meta.url), 'utf8');
const always = { from: epochMilliseconds(0), to: epochMilliseconds(9e12) };

function decode(...pages: readonly string[]): DecodedScrapes {
  return decodeScrapes(
    pages.map((body, index): Scrape => ({
      collector: 'prometheus',
      source: 'target',
      at: epochMilliseconds(1000 * (index + 1)),
      durationMs: milliseconds(0),
      bytes: bytes(0),
      contentType: null,
      body,
      error: null,
    })),
  );
}
const histogram = (name: string, bounds: readonly number[], labels = ''): string =>
  [
    ...[...bounds, '+Inf'].map((le) => `${name}_bucket{${labels}le="${le}"} 1`),
    `${name}_sum{${labels}} 1`,
    `${name}_count{${labels}} 1`,
  ].join('\n');

test('the histogram of a real service, and nothing of the runtime', async (t) => {
  const found = requestHistograms(decode(await capture('idle'), await capture('loaded')));
  t.deepEqual(
    found.map(({ name, unit, unitFrom }) => [name, unit, unitFrom]),
    [
      ['http_request_duration_seconds', 'seconds', 'name'],
      ['never_observed_seconds', 'seconds', 'name'],
    ],
  );
  const { total } = found[0] ?? {};
  const increase = total === null || total === undefined ? null : histogramIn(total, always);
  t.deepEqual(increase?.upperBounds, [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, Infinity]);
  const share = increase === null ? null : shareWithin(increase, 100);
  t.is(share?.low, share?.high);
});

test('units by metadata, by name, by bounds, or not at all', (t) => {
  const grid = [0.005, 0.1, 1, 10];
  const page = [
    '# TYPE a_request_time histogram\n# UNIT a_request_time seconds',
    histogram('a_request_time', grid),
    histogram('http_server_requests_duration_ms', [5, 10, 1000]),
    histogram('gin_request_duration', grid),
    histogram('rpc_latency', [1, 5, 100, 1000]),
    histogram('queue_request_size', [100, 1000]),
    histogram('odd_request_duration', [3, 4]),
    histogram('backups_made', grid),
  ].join('\n');
  t.deepEqual(
    requestHistograms(decode(page)).map(({ name, unit, unitFrom }) => [name, unit, unitFrom]),
    [
      ['http_server_requests_duration_ms', 'milliseconds', 'name'],
      ['a_request_time', 'seconds', 'metadata'],
      ['gin_request_duration', 'seconds', 'bounds'],
      ['queue_request_size', null, null],
      ['odd_request_duration', null, null],
      ['rpc_latency', 'milliseconds', 'bounds'],
    ],
  );
});

test('labels stay apart, and add up where bounds are alike', (t) => {
  const page = [
    histogram('http_request_duration_seconds', [0.1], 'code="200",'),
    histogram('http_request_duration_seconds', [0.1], 'code="500",'),
  ];
  const [found] = requestHistograms(decode(page.join('\n'), page.join('\n')));
  t.deepEqual(
    found?.parts.map(({ labels }) => labels),
    [{ code: '200' }, { code: '500' }],
  );
  t.deepEqual(found?.total?.count?.values, [2, 2]);
  const odd = [page[0], histogram('http_request_duration_seconds', [0.2], 'code="500",')].join('\n');
  t.is(requestHistograms(decode(odd))[0]?.total, null);
});

test('a summary is a candidate too', (t) => {
  const [found] = requestHistograms(
    decode(
      'http_request_duration_seconds{quantile="0.5"} 1\nhttp_request_duration_seconds_sum 4\nhttp_request_duration_seconds_count 2\n',
    ),
  );
  t.deepEqual(
    found?.parts[0]?.buckets.map(({ upperBound }) => upperBound),
    [Infinity],
  );
  t.deepEqual(found?.total?.sum?.values, [4000]);
});

test('counters of requests, for services without a histogram', async (t) => {
  const page =
    '# TYPE http_requests_total counter\nhttp_requests_total{code="200"} 3\nhttp_requests_total{code="500"} 1\n# TYPE promhttp_metric_handler_requests_total counter\npromhttp_metric_handler_requests_total 9\n# TYPE grpc_server_handled_total counter\ngrpc_server_handled_total 4\n';
  t.deepEqual(
    requestCounters(decode(page)).map(({ name, parts }) => [name, parts.length]),
    [
      ['http_requests_total', 2],
      ['grpc_server_handled_total', 1],
    ],
  );
  t.deepEqual(
    requestCounters(decode(await capture('default'))).map(({ name }) => name),
    [],
  );
});
