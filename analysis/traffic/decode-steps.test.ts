import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { LatencyHistogram } from '../../model/latency-histogram.ts';
import type { StepCell } from '../../model/measurements.ts';
import { microseconds } from '../../model/units.ts';
import { decodeTraffic } from './decode-traffic.ts';
import { noValues, quantileOfCounts } from './value-counts.ts';

const record = buildRunRecord({ stages: [{ rate: 20, seconds: 10 }] });

function step(second: number, wishes: Partial<StepCell> & { readonly count: number }): StepCell {
  const times = new LatencyHistogram();
  for (let index = 0; index < wishes.count; index++) times.record(microseconds(2_000));
  const serviceTime = times.encode();
  return {
    second,
    stage: 0,
    kind: 'http',
    name: 'GET /menu',
    outcome: 'done',
    failure: null,
    statuses: null,
    serviceTime,
    ...wishes,
  };
}

test('steps add up beside the books, by kind and name, with their service times', (t) => {
  if (record.traffic.status !== 'captured') throw new Error('no traffic');
  const steps = [
    step(3, { count: 20 }),
    step(4, { count: 15 }),
    step(4, { count: 5, outcome: 'failed', failure: 'unexpected-status', statuses: { '500': 5 } }),
    step(4, { count: 7, kind: 'check', serviceTime: null }),
    step(4, { count: 1, outcome: 'in-flight', serviceTime: null }),
  ];
  const plain = decodeTraffic(record.traffic.value, record.plan);
  const { stages, untimed } = decodeTraffic({ ...record.traffic.value, steps }, record.plan);
  t.deepEqual(plain.stages[0]?.steps, []);
  t.deepEqual(stages[0]?.all, plain.stages[0]?.all);
  t.deepEqual(stages[0]?.endpoints, plain.stages[0]?.endpoints);
  t.is(untimed, plain.untimed);
  const [menu, check] = stages[0]?.steps ?? [];
  t.like(menu?.books, { due: 41, done: 35, failed: 5, inFlight: 1 });
  t.deepEqual(menu?.statuses, { '500': 5 });
  t.deepEqual([menu?.kind, check?.kind, check?.name], ['http', 'check', 'GET /menu']);
  const [first] = menu?.seconds ?? [];
  t.is(first?.response.total, 20);
  t.is(quantileOfCounts(first?.response ?? noValues, 0.5), microseconds(2_000));
});
