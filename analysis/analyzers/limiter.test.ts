import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { TargetDescription } from '../../fixtures/records/target-text.ts';
import type { Objective } from '../../model/objective.ts';
import { milliseconds } from '../../model/units.ts';
import type { Capacity } from '../analysis.ts';
import { analyze } from '../analyze.ts';

const p90: Objective = {
  endpoint: null,
  kind: 'latency-quantile',
  quantile: 0.9,
  limitMs: milliseconds(50),
  comparison: '<',
};

function capacityOf(stages: readonly Partial<StageDescription>[]): Capacity {
  return analyze(
    buildRunRecord({
      objectives: [p90],
      stages: stages.map((stage, index) => ({ rate: 100 * (index + 1), seconds: 6, latencyMs: () => 10, ...stage })),
    }),
  ).capacity;
}

const pool = (waitMsPerRequest: number): TargetDescription => ({
  cpuMsPerRequest: 1,
  pool: { maxOpen: 10, inUse: 10, waitsPerSecond: 1, waitMsPerRequest },
});
const slow: Partial<StageDescription> = { latencyMs: () => 80 };
const signals = ({ limiter, crossed }: Capacity): readonly string[] =>
  [limiter, ...crossed].flatMap((one) => (one === null ? [] : [`${one.signal}@${one.firstStage}`]));

test('nothing crossed: no limiter', (t) => {
  t.deepEqual(signals(capacityOf([{ target: pool(0) }, { target: pool(1) }])), []);
});

test('a resource that crossed at the stage of the symptom is the limiter, the symptom comes after', (t) => {
  const capacity = capacityOf([{ target: pool(0) }, { ...slow, target: pool(40) }]);
  t.deepEqual(signals(capacity), ['pool-wait@1', 'latency-objective@1']);
  t.like(capacity.limiter, { limit: 5, unit: 'ms' });
});

test('a resource that crossed only after the symptom is not the limiter', (t) => {
  t.deepEqual(signals(capacityOf([{ target: pool(0) }, { ...slow, target: pool(0) }, { ...slow, target: pool(40) }])), [
    'latency-objective@1',
    'pool-wait@2',
  ]);
});

test('an exhausted processor goes before the pool that fills behind it, one merely above its limit after', (t) => {
  const busy = (cpuMsPerRequest: number): Partial<StageDescription> => ({
    ...slow,
    target: { ...pool(40), cpuMsPerRequest },
  });
  // 200/s on 4 processors: 16 ms are 80 %, 19.6 ms are 98 %.
  t.deepEqual(signals(capacityOf([{ target: pool(0) }, busy(16)])), ['pool-wait@1', 'cpu@1', 'latency-objective@1']);
  t.deepEqual(signals(capacityOf([{ target: pool(0) }, busy(19.6)])), ['cpu@1', 'pool-wait@1', 'latency-objective@1']);
});

test('stages are taken in the order of load, invalid ones not at all', (t) => {
  t.deepEqual(
    signals(
      capacityOf([
        { rate: 300, target: pool(40) },
        { rate: 200, target: pool(20) },
      ]),
    ),
    ['pool-wait@1'],
  );
  t.deepEqual(
    signals(capacityOf([{ dropped: 0.01, health: { inFlightMax: 63 }, target: pool(40) }, { target: pool(0) }])),
    [],
  );
});

test('what the client saw can be the limiter as well', (t) => {
  t.deepEqual(signals(capacityOf([{}, { shed: 0.05 }])), ['shedding@1']);
  t.deepEqual(signals(capacityOf([{}, { health: { waitedForConnection: 30, inFlightMax: 64 } }])), [
    'connection-queue@1',
  ]);
});

const scheduled = (schedulingLatencySeconds: number): Partial<StageDescription> => ({
  target: { schedulingLatencySeconds },
});

test('scheduling latency crosses only where the whole bucket is over the limit', (t) => {
  t.deepEqual(signals(capacityOf([scheduled(0.0005), scheduled(0.0005)])), []);
  t.deepEqual(signals(capacityOf([scheduled(0.0005), scheduled(0.008)])), ['scheduling-latency@1']);
});
