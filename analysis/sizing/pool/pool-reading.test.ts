import test from 'ava';
import { buildRunRecord } from '../../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../../fixtures/records/sample-run.ts';
import type { Interval } from '../../../model/pool-decision.ts';
import { type EpochMilliseconds, milliseconds } from '../../../model/units.ts';
import { analyze } from '../../analyze.ts';
import { decodeRecord } from '../../decode-record.ts';
import type { PoolSignals } from '../../metrics/pool-signals.ts';
import { poolReadings } from './pool-reading.ts';

const record = buildRunRecord(sampleRun);
const { signals, traffic } = decodeRecord(record);
if (signals?.status !== 'captured' || traffic?.status !== 'captured') throw new Error('the sample has no signals');
const [pool] = signals.value.pools;
if (pool === undefined) throw new Error('the sample has no pool');
const decoded = traffic.value;
const stages = analyze(record).stages;
const readingsOf = (more: Partial<PoolSignals> = {}) =>
  poolReadings({ ...pool, ...more }, decoded, stages, 1, milliseconds(5));

const holds = (interval: Interval | null | undefined, truth: number, within = 0.1): boolean =>
  interval != null &&
  Math.abs(interval.estimate / truth - 1) < within &&
  interval.low <= interval.estimate &&
  interval.estimate <= interval.high;

test('waits over all acquisitions, who had to wait, what got through: as planted', (t) => {
  const [first, second] = readingsOf().map(({ reading }) => reading);
  t.is(first?.wait?.estimate, 0);
  t.is(first?.waiting?.estimate, 0);
  // 0.2 ms per request, 2 waits a second of 400.
  t.true(holds(second?.wait, 0.2), JSON.stringify(second?.wait));
  t.true(holds(second?.waiting, 0.005), JSON.stringify(second?.waiting));
  t.true(holds(second?.throughput, 400), JSON.stringify(second?.throughput));
  t.true(holds(second?.inUse, 5), JSON.stringify(second?.inUse));
  t.is(Math.round(second?.offered ?? 0), 400);
  t.is(second?.errors, 0);
  // 2 ms and an exponential of mean 3.
  t.true(Math.abs((second?.latency ?? 0) - 5) < 0.5, String(second?.latency));
  t.is(second?.waitOver, null);
});

const everySecond = (perSecond: number) => {
  const at = pool.inUse?.series.at ?? [];
  const first = at[0] ?? 0;
  return {
    collector: 'prometheus' as const,
    source: 'target',
    name: 'x',
    labels: {},
    kind: 'counter' as const,
    at: [...at],
    values: at.map((instant: EpochMilliseconds) => ((instant - first) / 1e3) * perSecond),
  };
};

const histogram = (bound: number) => ({
  name: 'wait',
  labels: {},
  sum: null,
  count: null,
  buckets: [
    { upperBound: bound, series: everySecond(380) },
    { upperBound: 10, series: everySecond(392) },
    { upperBound: Infinity, series: everySecond(400) },
  ],
});

const over = (bound: number) => readingsOf({ waitHistogram: histogram(bound) })[1]?.reading.waitOver;

test('a histogram of the waits tells the share beyond the limit; a bound beside it only between what', (t) => {
  t.true(holds(over(5), 0.05), JSON.stringify(over(5)));
  const between = over(4);
  t.true(between != null && between.low <= 0.02 && between.high >= 0.05, JSON.stringify(between));
});

test('hold times that the exporter times itself, and waits by those who wait at a time', (t) => {
  const signal = (perSecond: number) =>
    pool.inUse === null ? null : { ...pool.inUse, series: everySecond(perSecond) };
  const timed = readingsOf({ useMs: signal(4000), useCount: signal(400) })[1];
  t.is(timed?.holdBy, 'timed');
  t.true(holds(timed?.reading.hold, 10), JSON.stringify(timed?.reading.hold));
  const three =
    pool.inUse === null
      ? null
      : { ...pool.inUse, series: { ...everySecond(0), values: everySecond(0).at.map(() => 3) } };
  const pending = readingsOf({ waitMs: null, waitCount: null, pending: three })[1]?.reading.wait;
  // Three at a time, 400 a second: 7.5 ms each.
  t.true(holds(pending, 7.5), JSON.stringify(pending));
});
