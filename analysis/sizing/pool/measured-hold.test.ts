import test from 'ava';
import * as fc from 'fast-check';
import { buildRunRecord } from '../../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../../fixtures/records/sample-run.ts';
import { perSecond } from '../../../model/units.ts';
import { analyze } from '../../analyze.ts';
import { decodeRecord } from '../../decode-record.ts';
import { type MeasuredHold, holdAt, measuredHolds } from './measured-hold.ts';

const record = buildRunRecord(sampleRun);
const holdsWith = (perRequest: number | null): readonly MeasuredHold[] => {
  const { signals, traffic } = decodeRecord(record);
  if (signals?.status !== 'captured' || traffic?.status !== 'captured') throw new Error('the sample has no signals');
  const pool = signals.value.pools[0];
  if (pool === undefined) throw new Error('the sample has no pool');
  return measuredHolds(pool, traffic.value, analyze(record).stages, perRequest);
};

const near = (value: number | undefined, truth: number, within: number): boolean =>
  value !== undefined && Math.abs(value / truth - 1) < within;

test("Little's law in each valid stage, with the planted answer within the interval", (t) => {
  // 2 in use at 200/s, 5 at 400/s.
  const [first, second] = holdsWith(1);
  t.deepEqual([first?.name, second?.name], ['200/s', '400/s']);
  t.true(near(first?.hold.estimate, 10, 0.05), String(first?.hold.estimate));
  t.true(near(second?.hold.estimate, 12.5, 0.05), String(second?.hold.estimate));
  for (const [hold, truth] of [
    [first?.hold, 10],
    [second?.hold, 12.5],
  ] as const)
    t.true(hold !== undefined && hold.low <= truth && truth <= hold.high && hold.low < hold.high, JSON.stringify(hold));
});

test('several acquisitions per request share the time; a pool that does not count them says nothing without', (t) => {
  const [one, three] = [holdsWith(1), holdsWith(3)];
  t.is(one.length, three.length);
  for (const [index, each] of one.entries()) {
    t.true(near(three[index]?.hold.estimate, each.hold.estimate / 3, 1e-9));
    t.true(near(three[index]?.acquisitionsPerSecond, each.acquisitionsPerSecond * 3, 1e-9));
  }
  t.deepEqual(holdsWith(null), []);
});

const at = (requests: number, estimate: number): MeasuredHold => ({
  stage: 0,
  name: '',
  requestsPerSecond: perSecond(requests),
  acquisitionsPerSecond: perSecond(requests),
  inUse: { estimate: 1, low: 1, high: 1 },
  hold: { estimate, low: estimate * 0.9, high: estimate * 1.2 },
  holdBy: 'little',
  holdFrom: '',
  little: { estimate, low: estimate * 0.9, high: estimate * 1.2 },
  variation: null,
  batches: [],
});

test('between stages a straight line, below them the lowest, beyond them nothing', (t) => {
  const holds = [at(100, 10), at(200, 20), at(399.6, 30)];
  const estimate = (rate: number): number | undefined => holdAt(holds, perSecond(rate))?.estimate;
  t.is(estimate(1), 10);
  t.is(estimate(100), 10);
  t.is(estimate(150), 15);
  t.is(estimate(200), 20);
  t.is(estimate(400), 30);
  t.is(estimate(410), undefined);
  t.deepEqual(holdAt(holds, perSecond(150)), { estimate: 15, low: 13.5, high: 18 });
  t.is(holdAt([], perSecond(1)), null);
});

test('stages of one rate, as of several runs, are one: their mean, as wide as all of them', (t) => {
  const holds = [at(100, 10), at(199, 20), at(200, 30)];
  t.deepEqual(holdAt(holds, perSecond(200)), { estimate: 25, low: 18, high: 36 });
});

test('never outside of the two stages around it', (t) => {
  const stages = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 50 })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(stages, fc.integer({ min: 1, max: 1000 }), (pairs, rate) => {
      const holds = pairs.toSorted((one, other) => one[0] - other[0]).map(([requests, hold]) => at(requests, hold));
      const found = holdAt(holds, perSecond(rate));
      const values = pairs.map(([, hold]) => hold);
      const highest = Math.max(...pairs.map(([requests]) => requests));
      if (found === null) return rate > highest;
      return (
        found.estimate >= Math.min(...values) - 1e-9 &&
        found.estimate <= Math.max(...values) + 1e-9 &&
        found.low <= found.estimate &&
        found.estimate <= found.high
      );
    }),
    { seed: 5, numRuns: 500 },
  );
  t.pass();
});
