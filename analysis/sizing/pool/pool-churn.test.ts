import test from 'ava';
import { buildRunRecord } from '../../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../../fixtures/records/sample-run.ts';
import { analyze } from '../../analyze.ts';
import { decodeRecord } from '../../decode-record.ts';
import type { Signal } from '../../metrics/signal.ts';
import { measuredHolds } from './measured-hold.ts';
import { poolChurn } from './pool-churn.ts';

const record = buildRunRecord(sampleRun);
const { signals, traffic } = decodeRecord(record);
if (signals?.status !== 'captured' || traffic?.status !== 'captured') throw new Error('the sample has no signals');
const [pool] = signals.value.pools;
if (pool?.inUse == null) throw new Error('the sample has no pool');
const { inUse } = pool;
const holds = measuredHolds(pool, traffic.value, analyze(record).stages, 1);

/** A counter that rises so much per second, and begins anew at an instant where one is given. */
function counter(perSecond: number, restartAt = Infinity): Signal {
  const { at } = inUse.series;
  const first = at[0] ?? 0;
  const values = at.map((instant) => ((instant - (instant >= restartAt ? restartAt : first)) / 1e3) * perSecond);
  return { ...inUse, series: { ...inUse.series, values } };
}

test('what was closed and opened in each stage, by cause, and how long opening took', (t) => {
  const churn = poolChurn(
    { ...pool, maxIdleClosed: counter(20), newConnections: counter(21), dialMs: counter(63) },
    holds,
  );
  t.deepEqual(
    churn.map(({ name }) => name),
    holds.map(({ name }) => name),
  );
  const [first] = churn;
  t.true(Math.abs((first?.maxIdleClosed?.perSecond ?? 0) - 20) < 1e-6);
  t.true(Math.abs((first?.opened?.perSecond ?? 0) - 21) < 1e-6);
  t.true(Math.abs((first?.dialMs ?? 0) - 3) < 1e-9);
  t.is(first?.maxIdleTimeClosed, null);
});

test('a counter that began anew tells nothing of its stage; without opening there is no time of it', (t) => {
  const middle = holds[1]?.batches[2]?.from ?? 0;
  const churn = poolChurn(
    { ...pool, maxIdleClosed: counter(20, middle), newConnections: counter(0), dialMs: counter(0) },
    holds,
  );
  t.not(churn[0]?.maxIdleClosed, null);
  t.is(churn[1]?.maxIdleClosed, null);
  t.is(churn[0]?.dialMs, null);
});
