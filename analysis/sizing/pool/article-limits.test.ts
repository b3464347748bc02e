import test from 'ava';
import { buildRunRecord } from '../../../fixtures/records/build-run-record.ts';
import { sampleRun } from '../../../fixtures/records/sample-run.ts';
import { milliseconds, perSecond } from '../../../model/units.ts';
import { articleLimits } from './article-limits.ts';

const { plan } = buildRunRecord(sampleRun);

test("the plan's latency objective and its highest rate; without an objective nothing is made up", (t) => {
  // p99 < 100 ms, and a stair to 600/s.
  t.deepEqual(articleLimits(plan), { latency: milliseconds(100), throughput: perSecond(600) });
  t.is(articleLimits({ ...plan, objectives: [] }), null);
});
