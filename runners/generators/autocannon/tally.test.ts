import test from 'ava';
import { LatencyHistogram } from '../../../model/latency-histogram.ts';
import type { BuiltRequest } from './build-request.ts';
import { DueRequest } from './due-request.ts';
import { Tally } from './tally.ts';

const expectation = { statuses: null, body: null };
const built = (endpoint: number): BuiltRequest => ({ endpoint, bytes: '', isHead: false, expectation });

function request(due: number, stage = 0, endpoint = 0): DueRequest {
  return new DueRequest(due, Math.floor(due / 1e3), stage, built(endpoint), -1, due + 1);
}

test('cells are keyed by due second, stage, endpoint, outcome and failure', (t) => {
  const tally = new Tally();
  for (const [due, stage, endpoint] of [
    [100, 0, 0],
    [200, 0, 0],
    [1100, 0, 0],
    [1200, 1, 0],
    [1300, 1, 511],
  ] as const) {
    const each = request(due, stage, endpoint);
    tally.due(each);
    tally.ended(each, 'done', null, due + 5);
  }
  const failed = request(150);
  tally.due(failed);
  tally.ended(failed, 'failed', 'timeout', 160);
  const reset = request(150);
  tally.due(reset);
  tally.ended(reset, 'failed', 'connection-reset', 160);
  const { cells, counts } = tally.close();
  t.deepEqual(
    cells.map(({ second, stage, endpoint, outcome, failure, count }) => [
      second,
      stage,
      endpoint,
      failure ?? outcome,
      count,
    ]),
    [
      [0, 0, 0, 'done', 2],
      [0, 0, 0, 'timeout', 1],
      [0, 0, 0, 'connection-reset', 1],
      [1, 0, 0, 'done', 1],
      [1, 1, 0, 'done', 1],
      [1, 1, 511, 'done', 1],
    ],
  );
  t.deepEqual(
    counts.map(({ second, stage, endpoint, due }) => [second, stage, endpoint, due]),
    [
      [0, 0, 0, 4],
      [1, 0, 0, 1],
      [1, 1, 0, 1],
      [1, 1, 511, 1],
    ],
  );
});

test('response time counts from the due time, service time from the first byte, lateness to the hand-over', (t) => {
  const tally = new Tally();
  const each = request(100);
  tally.due(each);
  each.written = 130;
  tally.sent(each);
  tally.ended(each, 'done', null, 150);
  const { cells, lateness, counts } = tally.close();
  t.is(cells[0]?.responseTime?.quantile(0.5)?.toFixed(1), '50.0');
  t.is(cells[0]?.serviceTime?.quantile(0.5)?.toFixed(1), '20.0');
  t.is(lateness.quantile(0.5)?.toFixed(1), '1.0');
  t.is(counts[0]?.sent, 1);
});

test('a request that was never written has no service time, one that did not end no response time', (t) => {
  const tally = new Tally();
  const refused = request(100);
  tally.ended(refused, 'failed', 'connection-refused', 150);
  const dropped = request(100);
  tally.ended(dropped, 'dropped', null, Number.NaN);
  const { cells } = tally.close();
  t.deepEqual(
    cells.map((cell) => [cell.outcome, cell.responseTime?.count ?? null, cell.serviceTime?.count ?? null]),
    [
      ['failed', 1, 0],
      ['dropped', null, null],
    ],
  );
});

test('answers whose status was not accepted are counted by it, others carry none', (t) => {
  const tally = new Tally();
  for (const status of [401, 404, 401]) tally.ended(request(100), 'failed', 'unexpected-status', 150, status);
  tally.ended(request(100), 'shed', null, 150, 503);
  tally.ended(request(100), 'failed', 'timeout', 150);
  t.deepEqual(
    tally.close().cells.map(({ failure, statuses }) => [failure, statuses && [...statuses]]),
    [
      [
        'unexpected-status',
        [
          [401, 2],
          [404, 1],
        ],
      ],
      [null, [[503, 1]]],
      ['timeout', null],
    ],
  );
});

test('closing begins anew, and recycled histograms come back empty', (t) => {
  const tally = new Tally();
  const first = request(100);
  tally.due(first);
  tally.ended(first, 'done', null, 120);
  const { cells, lateness } = tally.close();
  const before = cells[0]?.responseTime ?? new LatencyHistogram();
  t.is(before.count, 1);
  tally.recycle(before);
  tally.recycle(lateness);
  t.deepEqual(tally.close().cells, []);
  const second = request(2100);
  tally.ended(second, 'done', null, 2110);
  const after = tally.close().cells[0];
  t.is(after?.responseTime?.count, 1);
  t.is(after?.responseTime?.quantile(1)?.toFixed(1), '10.0');
});
