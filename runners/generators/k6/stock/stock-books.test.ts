import { array, assert, constantFrom, property } from 'fast-check';
import test from 'ava';
import { LatencyHistogram } from '../../../../model/latency-histogram.ts';
import { epochMilliseconds, milliseconds } from '../../../../model/units.ts';
import { type K6Sample, decodeK6Sample } from './k6-samples.ts';
import { type ClosedBooks, StockBooks } from './stock-books.ts';

const startedAt = epochMilliseconds(1_700_000_000_000);
const place = { second: 0, stage: 0, endpoint: 'a' };
const begun: K6Sample = { kind: 'begun', ...place, startedAt };
const ended: K6Sample = {
  kind: 'ended',
  ...place,
  outcome: 'done',
  failure: null,
  status: null,
  sent: true,
  openedConnection: false,
  serviceTimeMs: milliseconds(5),
};

function sums(all: readonly ClosedBooks[]): { due: number; sent: number; outcomes: Record<string, number> } {
  const outcomes: Record<string, number> = {};
  for (const { cells } of all)
    for (const { outcome, count } of cells) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  const counts = all.flatMap((closed) => closed.counts);
  return {
    due: counts.reduce((sum, count) => sum + count.due, 0),
    sent: counts.reduce((sum, count) => sum + count.sent, 0),
    outcomes,
  };
}

test('each request is due once and ends once, whenever the books are closed', (t) => {
  const step = constantFrom('begin', 'end', 'refuse', 'drop', 'close');
  assert(
    property(array(step, { maxLength: 200 }), (steps) => {
      const books = new StockBooks(null);
      const closed: ClosedBooks[] = [];
      const open: Extract<K6Sample, { kind: 'begun' }>[] = [];
      let [due, dropped, finished] = [0, 0, 0];
      for (const [index, each] of steps.entries()) {
        if (each === 'close') closed.push(books.close());
        else if (each === 'begin') {
          const sample = { ...begun, second: index % 3, stage: index % 2, endpoint: `e${index % 4}` };
          books.add(sample);
          open.push(sample);
          due++;
        } else if (each === 'drop') {
          books.add({ kind: 'dropped', at: startedAt, stage: 0, count: 2 });
          dropped += 2;
        } else {
          const first = open.shift();
          if (first === undefined) continue;
          const { second, stage, endpoint } = first;
          const refused = each === 'refuse';
          books.add({
            ...ended,
            second,
            stage,
            endpoint,
            ...(refused ? { outcome: 'failed', failure: 'connection-refused', sent: false } : {}),
          });
          finished++;
        }
      }
      t.is(books.inFlight, open.length);
      books.cutRest();
      closed.push(books.close());
      const { outcomes, ...counted } = sums(closed);
      // Drops before the first request are of no known second.
      const known = due > 0 ? dropped : 0;
      t.is(counted.due, due + known);
      t.is(outcomes['dropped'] ?? 0, known);
      t.is(outcomes['in-flight'] ?? 0, open.length);
      t.is((outcomes['done'] ?? 0) + (outcomes['failed'] ?? 0), finished);
    }),
    { seed: 4 },
  );
});

test('a drop before the first request is filed when the start is known', (t) => {
  const books = new StockBooks('only');
  books.add({ kind: 'dropped', at: epochMilliseconds(startedAt + 1500), stage: 1, count: 1 });
  t.deepEqual(books.close().cells, []);
  books.add(begun);
  const [cell] = books.close().cells;
  t.like(cell, { second: 1, stage: 1, endpoint: 'only', outcome: 'dropped', count: 1, serviceTime: null });
});

test('times are of what was sent, and response times are not known', (t) => {
  const books = new StockBooks(null);
  for (const sent of [true, false]) {
    books.add(begun);
    books.add({ ...ended, sent });
  }
  const [cell] = books.close().cells;
  t.is(cell?.count, 2);
  t.is(cell?.responseTime, null);
  t.is(LatencyHistogram.decode(cell?.serviceTime ?? '').count, 1);
});

const point = (metric: string, value: number, tags: Record<string, string>): string =>
  JSON.stringify({ metric, type: 'Point', data: { time: '2026-11-21T10:00:00.123456789Z', value, tags } });

test('of k6’s lines those of a request and of drops are read', (t) => {
  t.is(decodeK6Sample(point('http_req_duration', 5, {})), null);
  t.is(decodeK6Sample('{"type":"Metric","data":{"name":"dropped_iterations"},"metric":"dropped_iterations"}'), null);
  t.deepEqual(decodeK6Sample(point('dropped_iterations', 3, { scenario: '12_300-s' })), {
    kind: 'dropped',
    at: epochMilliseconds(Date.UTC(2026, 10, 21, 10, 0, 0, 123)),
    stage: 12,
    count: 3,
  });
  const tags = { second: '7', stage: '1', endpoint: '/', outcome: 'shed', status: '503', sent: '1', opened: '1' };
  t.deepEqual(decodeK6Sample(point('plimsoll_ended', 2.5, tags)), {
    kind: 'ended',
    second: 7,
    stage: 1,
    endpoint: '/',
    outcome: 'shed',
    failure: null,
    status: '503',
    sent: true,
    openedConnection: true,
    serviceTimeMs: milliseconds(2.5),
  });
  t.throws(() => decodeK6Sample(point('plimsoll_ended', 2.5, { ...tags, outcome: 'lost' })));
});
