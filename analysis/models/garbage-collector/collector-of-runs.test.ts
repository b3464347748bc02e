import test from 'ava';
import { buildRunRecord } from '../../../fixtures/records/build-run-record.ts';
import {
  type SimulatedProcess,
  type SimulatedRun,
  type SimulatedStage,
  memstatsOf,
  pagesOf,
  simulateCollector,
  simulatedService as service,
  traceOf,
} from '../../../fixtures/records/simulated-collector.ts';
import { relativeError } from '../../../fixtures/relative-error.ts';
import type { Scrape } from '../../../model/measurements.ts';
import { type EpochMilliseconds, mebibytes } from '../../../model/units.ts';
import { analyze } from '../../analyze.ts';
import { type CollectorRun, collectorOfRuns } from './collector-of-runs.ts';
import { collectorParameters } from './collector-parameters.ts';
import { gcCpuShareOf, regimeOf } from './fit-collector.ts';
import type { CollectorObservation } from './collector-observation.ts';
import type { KnownCollector } from './known-collector.ts';
import { predictCollector } from './predict-collector.ts';

/*
 * Held-out cells: a simulated process (fixtures/records/simulated-collector.ts) runs at some settings, the model is fitted
 * to what its metrics say there, and predicts others.
 */

const megabyte = mebibytes(1);

const loads: readonly SimulatedStage[] = [
  { requestsPerSecond: 30, seconds: 60 },
  { requestsPerSecond: 60, seconds: 60 },
  { requestsPerSecond: 90, seconds: 60 },
];

const nonGoBytes = 6 * megabyte;

type Tell = (process: SimulatedProcess, run: SimulatedRun, from: EpochMilliseconds) => readonly Scrape[];

const everything: Tell = (process, run, from) => pagesOf(process, run, from, nonGoBytes);

function runOf(process: SimulatedProcess, stages = loads, tell = everything): CollectorRun {
  const simulated = simulateCollector(process, stages);
  const record = buildRunRecord({
    name: `gogc-${process.gogcPercent}`,
    stages: stages.map(({ requestsPerSecond, seconds }) => ({
      name: `${requestsPerSecond}/s`,
      rate: requestsPerSecond,
      seconds,
      settling: 5,
      latencyMs: () => 4,
    })),
    target: { gogc: String(process.gogcPercent), gomaxprocs: process.processors },
    scrapes: (startedAt) => tell(process, simulated, startedAt),
  });
  return { record, stages: analyze(record).stages };
}

function known(runs: readonly CollectorRun[]): KnownCollector {
  const { collector } = collectorOfRuns(runs, { resamples: 200 });
  if (collector.status === 'unknown') throw new Error(JSON.stringify(collector.reasons));
  return collector;
}

const observed = (run: CollectorRun): readonly CollectorObservation[] => collectorOfRuns([run]).observed.observations;

const trained = known([50, 100, 400].map((gogcPercent) => runOf({ ...service, gogcPercent })));

const heldOut: Readonly<Record<string, Partial<SimulatedProcess>>> = {
  'GOGC 75': { gogcPercent: 75 },
  'GOGC 200': { gogcPercent: 200 },
  'GOGC 300': { gogcPercent: 300 },
  'a limit that GOGC stays below': { gogcPercent: 100, memoryLimitBytes: mebibytes(160) },
  'a limit that decides': { gogcPercent: 300, memoryLimitBytes: mebibytes(130) },
  'GOGC off with a limit': { gogcPercent: Infinity, memoryLimitBytes: mebibytes(180) },
};

for (const [name, change] of Object.entries(heldOut))
  test(`held out: ${name}`, (t) => {
    const stages = [
      { requestsPerSecond: 45, seconds: 80 },
      { requestsPerSecond: 80, seconds: 80 },
    ];
    const cells = observed(runOf({ ...service, ...change, seed: 7 }, stages));
    t.is(cells.length, 2);
    for (const cell of cells) {
      const { gogcPercent, memoryLimitBytes } = cell.settings;
      const { requestsPerSecond } = cell;
      const prediction = predictCollector(trained, { gogcPercent, memoryLimitBytes, requestsPerSecond });
      if (prediction.status !== 'predicted') throw new Error(JSON.stringify(prediction));
      t.is(prediction.regime, regimeOf(cell));
      const errors = {
        cycles: relativeError(prediction.cyclesPerSecond?.estimate ?? NaN, cell.cyclesPerSecond),
        goal: relativeError(prediction.heapGoal?.estimate ?? NaN, cell.heapGoalBytes),
        peak: relativeError(prediction.peakRuntimeBytes?.estimate ?? NaN, cell.peakRuntimeBytes ?? NaN),
        cpu: relativeError(prediction.gcCpuShare?.estimate ?? NaN, gcCpuShareOf(cell) ?? NaN),
      };
      t.true(
        errors.cycles < 0.1 && errors.goal < 0.1 && errors.peak < 0.1 && errors.cpu < 0.25,
        JSON.stringify(errors),
      );
    }
  });

test('what was planted is found, within its interval', (t) => {
  const parameters = collectorParameters(trained);
  const { allocBytesPerRequest, nonHeapBytes } = parameters;
  t.true(relativeError(allocBytesPerRequest?.estimate ?? NaN, service.allocatedPerRequest) < 0.03);
  t.true(relativeError(nonHeapBytes?.estimate ?? NaN, service.otherBytes) < 0.1);
  for (const [name, value] of Object.entries(parameters))
    t.true(value === null || (value.low <= value.estimate && value.estimate <= value.high), name);
});

test('thrash is refused in every planted cell, and nowhere with half of the live heap as room', (t) => {
  let [planted, safe] = [0, 0];
  for (const seed of [1, 2, 3]) {
    const own: SimulatedProcess = {
      ...service,
      seed,
      reachableBytes: seed * 30 * megabyte,
      otherBytes: 5 * seed * megabyte,
    };
    const collector = known([100, 200].map((gogcPercent) => runOf({ ...own, gogcPercent })));
    for (const requestsPerSecond of [30, 60, 90]) {
      const live = own.reachableBytes + own.reachablePerRate * requestsPerSecond;
      const regimeAt = (room: number): string => {
        const memoryLimitBytes = (live * (1 + room)) / 0.97 + own.otherBytes;
        return predictCollector(collector, { gogcPercent: Infinity, memoryLimitBytes, requestsPerSecond }).status;
      };
      for (const room of [-0.5, 0, 0.1, 0.2, 0.29]) {
        planted++;
        t.is(regimeAt(room), 'thrash', `seed ${seed}, ${requestsPerSecond}/s, room ${room}`);
      }
      for (const room of [0.55, 0.7, 1, 2, 5]) {
        safe++;
        t.is(regimeAt(room), 'predicted', `seed ${seed}, ${requestsPerSecond}/s, room ${room}`);
      }
    }
  }
  t.deepEqual([planted, safe], [45, 45]);
});

const less: Readonly<Record<string, Tell>> = {
  memstats: (process, run, from) => memstatsOf(run, process.processors, from),
  gctrace: traceOf,
};

for (const [source, tell] of Object.entries(less))
  test(`from ${source} alone the same is seen, as far as it tells it`, (t) => {
    const whole = observed(runOf(service));
    const part = observed(runOf(service, loads, tell));
    t.is(part.length, 3);
    for (const [index, each] of part.entries()) {
      const truth = whole[index];
      if (truth === undefined) throw new Error('a stage more');
      t.is(each.source, source === 'memstats' ? 'memstats' : 'gctrace');
      t.true(relativeError(each.cyclesPerSecond, truth.cyclesPerSecond) < 0.03, 'cycles');
      t.true(relativeError(each.allocatedPerSecond, truth.allocatedPerSecond) < 0.03, 'allocation');
      t.true(relativeError(each.liveHeap.mean, truth.liveHeap.mean) < 0.03, 'live heap');
      t.true(relativeError(each.heapGoalBytes, truth.heapGoalBytes) < 0.03, 'goal');
      t.true(relativeError(each.cpuMsPerCycle ?? NaN, truth.cpuMsPerCycle ?? NaN) < 0.1, 'cost');
      t.is(each.peakRuntimeBytes === null, source === 'gctrace');
    }
  });

function codes(runs: readonly CollectorRun[]): readonly string[] {
  const { collector } = collectorOfRuns(runs);
  return collector.status === 'unknown' ? collector.reasons.map(({ code }) => code) : [];
}

test('too little is refused, and said all at once', (t) => {
  t.deepEqual(codes([]), ['no-observation']);
  t.deepEqual(codes([runOf(service)]), ['one-gogc']);
  t.deepEqual(codes([runOf(service, loads.slice(0, 2))]), ['few-load-stages', 'one-gogc']);
  t.deepEqual(codes([runOf(service), runOf({ ...service, gogcPercent: 200, processors: 4 })]), ['processors-differ']);
  const idle = runOf({ ...service, allocatedPerRequest: 0, allocatedPerSecondIdle: 100 });
  t.deepEqual(codes([idle]), ['no-observation']);
  t.regex(collectorOfRuns([idle]).observed.missing[0]?.reason ?? '', /fewer than 2 collections/);
});

test('runs of different builds are told apart', (t) => {
  const [one, other] = [runOf(service, loads.slice(0, 1)), runOf(service, loads.slice(0, 1))];
  const { record } = other;
  const target = { ...record.environment.target, goVersion: 'go1.27.2' };
  const changed = { ...other, record: { ...record, environment: { ...record.environment, target } } };
  t.deepEqual(collectorOfRuns([one, other]).differences, []);
  t.deepEqual(collectorOfRuns([one, changed]).differences, ['version of Go: go1.26.0, go1.27.2']);
});

const at = (requestsPerSecond: number): string =>
  predictCollector(trained, { gogcPercent: 100, memoryLimitBytes: Infinity, requestsPerSecond }).status;

test('beyond the measured rates nothing is predicted', (t) => {
  t.is(at(110), 'predicted');
  t.is(at(115), 'beyond-range');
});
