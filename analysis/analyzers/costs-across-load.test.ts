import test from 'ava';
import { profiledRun } from '../../fixtures/records/profiled-run.ts';
import type { PlantedFunction } from '../../fixtures/records/simulate-profiles.ts';
import type { SampleDescription } from '../../fixtures/records/write-profile.ts';
import { captureFailed } from '../../model/measurements.ts';
import { costOfRun } from '../cost-of-run.ts';

const work: PlantedFunction = {
  stack: ['shop.work /src/shop/work.go:7', 'net/http.(*conn).serve'],
  msPerRequest: () => 40,
};
const rates = [10, 20, 40, 60];

test('cost per request is that of the requests answered while the profile ran', (t) => {
  const { record, read } = profiledRun({ rates, planted: [work] });
  const { cost, missing } = costOfRun(record, read, 'cpu', null);
  t.is(missing, null);
  t.is(cost.atPerSecond, 60);
  t.deepEqual(
    cost.stages.map(({ stage, ratePerSecond, durationMs }) => [stage, ratePerSecond, durationMs]),
    rates.map((rate, stage) => [stage, rate, 6000]),
  );
  for (const { ratePerSecond, requests } of cost.stages)
    t.true(Math.abs(requests - 6 * ratePerSecond) <= ratePerSecond * 0.1, `${requests} at ${ratePerSecond}/s`);
  const [found] = cost.functions;
  t.like(found, { name: 'shop.work', place: 'shop/work.go:7' });
  t.is(found?.site.trend, 'innocent');
  for (const { perRequest, samples } of found?.site.stages ?? [])
    t.true(Math.abs(perRequest - 40) < 4 * (40 / Math.sqrt(samples)), `${perRequest} ms`);
});

test('stages that cannot be compared are left out with their reason', (t) => {
  const { record, read } = profiledRun({
    rates: [10, 20, 40, 60, 80],
    planted: [work],
    stage: (rate) => (rate === 80 ? { inFlight: 0.2 } : rate === 10 ? { kind: 'warm-up' } : {}),
  });
  const profiles = record.profiles.map((each) =>
    each.stage === 2 ? { ...each, content: captureFailed('status 500') } : each,
  );
  const { cost } = costOfRun({ ...record, profiles }, read, 'cpu', null);
  t.deepEqual(cost.leftOut, [
    { stage: 0, reason: 'no valid hold' },
    { stage: 2, reason: 'status 500' },
    { stage: 4, reason: 'the service did not keep up' },
  ]);
  t.deepEqual(
    cost.stages.map(({ stage }) => stage),
    [1, 3],
  );
  t.is(costOfRun(record, read, 'alloc', null).missing, 'the run took no profiles of alloc in its stages');
  t.regex(costOfRun({ ...record, profiles }, read, 'cpu', null).missing ?? '', /^2 of at least 3 stages/);
});

const hold = (rate: number): readonly SampleDescription[] => [
  { stack: ['sync.(*Mutex).Unlock', 'shop.hold shop/hold.go:9'], values: [rate * 50, rate * 10 * 3e6] },
];

test('what a cumulative profile added is of the time since the snapshot before, and of one stage', (t) => {
  const { record, read } = profiledRun({ rates, planted: [], mutex: hold });
  const { cost } = costOfRun(record, read, 'mutex', null);
  t.deepEqual(
    cost.stages.map(({ stage, durationMs }) => [stage, Math.round(durationMs)]),
    [
      [0, 10_100],
      [1, 10_000],
      [2, 10_000],
      [3, 10_000],
    ],
  );
  const [site] = cost.functions;
  t.is(site?.name, 'shop.hold');
  for (const { perRequest } of site?.site.stages ?? []) t.true(Math.abs(perRequest - 3) < 0.1, `${perRequest} ms`);
  const without = record.profiles.map((each) =>
    each.stage === 1 ? { ...each, content: captureFailed('status 500') } : each,
  );
  t.deepEqual(costOfRun({ ...record, profiles: without }, read, 'mutex', null).cost.leftOut, [
    { stage: 1, reason: 'status 500' },
    { stage: 2, reason: 'its profile tells of other stages too' },
  ]);
});
