import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../fixtures/records/sample-run.ts';
import { after, seconds } from '../../model/units.ts';
import { decodeTraffic } from './decode-traffic.ts';
import { requestsDoneBetween } from './requests-done-between.ts';

const { plan, traffic } = buildRunRecord(sampleRun);
if (traffic.status !== 'captured') throw new Error('the sample has traffic');
const decoded = decodeTraffic(traffic.value, plan);
const { startedAt } = traffic.value;
const done = (from: number, to: number): number | null =>
  requestsDoneBetween(decoded, after(startedAt, seconds(from)), after(startedAt, seconds(to)));

test('all of a run, the sum of its parts, and a part of a second', (t) => {
  const all = decoded.stages.reduce((sum, { all: { books } }) => sum + books.done, 0);
  t.is(done(-10, 10_000), all);
  t.is((done(0, 7) ?? 0) + (done(7, 10_000) ?? 0), all);
  t.is((done(3, 3.25) ?? 0) * 4, done(3, 4) ?? -1);
});

test('where none was due there is nothing to divide by', (t) => {
  t.is(done(-20, 0), null);
  t.is(done(5, 5), null);
});
