import test from 'ava';
import { assert, integer, nat, property } from 'fast-check';
import { UnitError } from '../../model/units.ts';
import { hpaManifest, kedaManifest, loadPerInstance } from './autoscaler.ts';
import { dividedBy, exactly, nearestFloat, parseExact } from './exact-number.ts';
import { type ReplicasAsked, sizeReplicas } from './replicas.ts';

const plain: ReplicasAsked = {
  capacity: exactly(900),
  forecast: { low: exactly(12_000), high: exactly(12_000) },
  burst: exactly(1),
  balance: exactly(1),
  zones: 1,
  zonesLost: 0,
  maxUnavailable: 0,
  maxSurge: 1,
  database: { pool: null, connections: null },
};

test('the arithmetic, line by line', (t) => {
  const answer = sizeReplicas({
    ...plain,
    balance: parseExact('0.9'),
    zones: 3,
    zonesLost: 1,
    maxUnavailable: 1,
    database: { pool: 10, connections: 300 },
  });
  t.deepEqual(answer.arithmetic, [
    'needed = ⌈12000 / (900 · 0.9)⌉ = ⌈14.8148…⌉ = 15',
    'per zone = ⌈(15 + 1) / (3 − 1)⌉ = ⌈8⌉ = 8',
    'replicas = 3 · 8 = 24',
    'connections = (24 + 1) · 10 = 250 ≤ 300',
    'largest pool = ⌊300 / (24 + 1)⌋ = 12 per instance',
  ]);
  t.like(answer, { replicas: 24, perZone: 8, needed: 15 });
  t.deepEqual(answer.database, { needed: 250, allowed: 300, largestPool: 12, fits: true });
  t.true(answer.utilization.allThere < answer.utilization.someMissing && answer.utilization.someMissing <= 1);
});

test('an exact quotient takes no instance more', (t) => {
  // As floating numbers 810 · 0.7 is above 567 and 1890 · 0.3 below it.
  t.is(sizeReplicas({ ...plain, capacity: exactly(810), balance: parseExact('0.7'), forecast: at('567') }).replicas, 1);
  t.is(
    sizeReplicas({ ...plain, capacity: parseExact('0.1'), balance: parseExact('0.7'), forecast: at('2.1') }).replicas,
    30,
  );
  t.is(sizeReplicas({ ...plain, forecast: at('900.0000001') }).replicas, 2);
});

test('bursts, and the upper end of an uncertain forecast', (t) => {
  const uncertain = { low: exactly(9000), high: exactly(12_000) };
  const answer = sizeReplicas({ ...plain, forecast: uncertain, burst: parseExact('1.2') });
  t.like(answer, { replicas: 16, replicasForLow: 12 });
  t.is(answer.arithmetic[0], 'needed = ⌈12000 · 1.2 / (900 · 1)⌉ = ⌈16⌉ = 16');
});

test('a database that gives way first', (t) => {
  const { database, arithmetic } = sizeReplicas({ ...plain, database: { pool: 20, connections: 100 } });
  t.deepEqual(database, { needed: 300, allowed: 100, largestPool: 6, fits: false });
  t.is(arithmetic[3], 'connections = (14 + 1) · 20 = 300 > 100');
  t.is(sizeReplicas({ ...plain, database: { pool: null, connections: 100 } }).database?.fits, null);
});

test('whatever the figures: enough with all that may be missing, and one zone row less is too few', (t) => {
  assert(
    property(
      integer({ min: 100, max: 5000 }),
      integer({ min: 1, max: 100_000 }),
      integer({ min: 1, max: 100 }),
      integer({ min: 1, max: 6 }),
      nat(5),
      nat(5),
      (capacity, forecast, balance, zones, lost, maxUnavailable) => {
        const zonesLost = Math.min(lost, zones - 1);
        const carried = BigInt(capacity) * BigInt(balance);
        const { perZone, replicas } = sizeReplicas({
          ...plain,
          capacity: exactly(capacity),
          forecast: at(String(forecast)),
          balance: dividedBy(exactly(balance), exactly(100)),
          zones,
          zonesLost,
          maxUnavailable,
        });
        const holds = (each: number): boolean =>
          BigInt(each * (zones - zonesLost) - maxUnavailable) * carried >= BigInt(forecast) * 100n;
        t.is(replicas, perZone * zones);
        t.true(holds(perZone));
        t.false(perZone > 1 && holds(perZone - 1) && (perZone - 1) * (zones - zonesLost) > maxUnavailable);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

test('units that were mixed up are refused', (t) => {
  t.throws(() => sizeReplicas({ ...plain, capacity: parseExact('0.001') }), { instanceOf: UnitError });
});

test('an autoscaler told so asks for these instances at the peak, not for one more', (t) => {
  for (const [peak, replicas] of [
    [12_000, 21],
    [12_000, 24],
    [1000, 7],
    [1, 3],
  ] as const) {
    const per = nearestFloat(loadPerInstance(exactly(peak), replicas));
    // The rule of the HorizontalPodAutoscaler for an average value.
    t.is(Math.ceil(peak / per), replicas, `${peak} / ${replicas}`);
  }
});

test('settings of both autoscalers', (t) => {
  const settings = {
    deployment: 'orders',
    least: 3,
    most: 21,
    perInstance: loadPerInstance(exactly(12_000), 21),
    metric: 'http_requests_per_second',
    prometheus: { address: 'http://prometheus:9090', query: 'sum(rate(http_requests_total[2m]))' },
  };
  t.deepEqual(hpaManifest(settings), {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'orders' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'orders' },
      minReplicas: 3,
      maxReplicas: 21,
      metrics: [
        {
          type: 'Pods',
          pods: {
            metric: { name: 'http_requests_per_second' },
            target: { type: 'AverageValue', averageValue: '571.429' },
          },
        },
      ],
    },
  });
  t.like(kedaManifest(settings), { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' });
});

function at(text: string): ReplicasAsked['forecast'] {
  return { low: parseExact(text), high: parseExact(text) };
}
