import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { TargetDescription } from '../../fixtures/records/target-text.ts';
import type { Objective } from '../../model/objective.ts';
import { captured } from '../../model/measurements.ts';
import { milliseconds, ratio } from '../../model/units.ts';
import type { Capacity } from '../analysis.ts';
import { analyze } from '../analyze.ts';
import { decodeRecord } from '../decode-record.ts';
import { type Known, answerOf } from './analyzer.ts';
import { collectWarnings } from './collect-warnings.ts';
import { limiterSignalsCrossed } from './limiter.ts';
import { loadFidelity } from './load-fidelity.ts';
import { targetPerStage } from './target-per-stage.ts';
import { trafficPerStage } from './traffic-per-stage.ts';

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

/** What keeps the processors busy, by stage: all processes, and of that the target. */
function limiterOnHost(stages: readonly { readonly host: number; readonly own: number }[]): readonly string[] {
  const record = buildRunRecord({
    stages: stages.map((_, index) => ({ rate: 100 * (index + 1), seconds: 6, latencyMs: () => 10, target: pool(0) })),
  });
  let known: Known = decodeRecord(record);
  known = { ...known, validity: loadFidelity.ask(known), figures: trafficPerStage.ask(known) };
  known = { ...known, objectives: captured([]), targets: targetPerStage.ask(known) };
  const targets = answerOf(known.targets ?? captured([]))?.map((figures, index) => ({
    ...figures,
    hostCpuShare: ratio(stages[index]?.host ?? 0),
    target: { ...figures.target, cpuCores: 4 * (stages[index]?.own ?? 0), cpuCoresAvailable: 4 },
  }));
  known = { ...known, targets: captured(targets ?? []) };
  const warned = (answerOf(collectWarnings.ask(known)) ?? []).filter(({ code }) => code === 'host-busy');
  return [
    ...(answerOf(limiterSignalsCrossed.ask(known)) ?? []).map(({ signal, firstStage }) => `${signal}@${firstStage}`),
    ...warned.map(({ code, message }) => `${code}: ${/\d+ %.*? by it/.exec(message)?.[0]}`),
  ];
}

test('processors that other programs kept busy before there was load are no limiter', (t) => {
  const rising = [
    { host: 0.3, own: 0.1 },
    { host: 0.85, own: 0.2 },
  ];
  t.deepEqual(limiterOnHost(rising), ['host-cpu@1'], 'a database beside it is part of what the load asks for');
  const [quiet, loud] = [
    { host: 0.85, own: 0.05 },
    { host: 0.9, own: 0.1 },
  ];
  const told = 'host-busy: 85 % of the processors that the target may use were busy, 5 % by it';
  t.deepEqual(limiterOnHost([quiet, loud]), [told]);
  t.deepEqual(limiterOnHost([quiet, { host: 0.9, own: 0.6 }]), ['host-cpu@1', told]);
  t.deepEqual(limiterOnHost([{ host: 0.85, own: 0.6 }]), ['host-cpu@0'], 'its own work');
});
