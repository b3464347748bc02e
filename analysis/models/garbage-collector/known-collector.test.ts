import test from 'ava';
import * as fc from 'fast-check';
import { collectorStage } from '../../../fixtures/records/collector-stage.ts';
import { relativeError } from '../../../fixtures/relative-error.ts';
import { mebibytes, milliseconds } from '../../../model/units.ts';
import type { CollectorObservation } from './collector-observation.ts';
import { collectorParameters } from './collector-parameters.ts';
import { type KnownCollector, knowCollector } from './known-collector.ts';
import { assistRate, crossoverRate, predictCollector } from './predict-collector.ts';

const sweep = (settings: readonly number[]): readonly CollectorObservation[] =>
  settings.flatMap((gogc) => [30, 60, 90].map((rate) => collectorStage(gogc, rate)));

function known(observations: readonly CollectorObservation[]): KnownCollector {
  const collector = knowCollector(observations, { resamples: 100 });
  if (collector.status === 'unknown') throw new Error(JSON.stringify(collector.reasons));
  return collector;
}

const codes = (observations: readonly CollectorObservation[]): readonly string[] => {
  const collector = knowCollector(observations);
  return collector.status === 'unknown' ? collector.reasons.map(({ code }) => code) : [];
};

test('without scatter everything planted is found, and any other cell is exact', (t) => {
  const collector = known(sweep([50, 200]));
  const parameters = collectorParameters(collector);
  const estimate = (name: keyof typeof parameters): number => parameters[name]?.estimate ?? Number.NaN;
  t.true(relativeError(estimate('allocBytesPerRequest'), mebibytes(1)) < 1e-9);
  t.true(relativeError(estimate('liveHeapBytesWithoutLoad'), mebibytes(40)) < 1e-9);
  t.true(estimate('pacerRunway') < 1);
  t.is(parameters.usedShareOfRoom, null);
  t.true(relativeError(estimate('cpuMsPerCycle'), 25) < 1e-9);
  t.true(relativeError(estimate('peakPerHeapByte'), 1.05) < 1e-9);
  // Growth with the load and floating garbage are one where all collections cost the same: it says so.
  t.is(parameters.floatingShare, null);
  const cell = collectorStage(120, 75);
  const prediction = predictCollector(collector, { ...cell.settings, requestsPerSecond: 75 });
  if (prediction.status !== 'predicted') throw new Error(prediction.reason);
  t.true(relativeError(prediction.cyclesPerSecond?.estimate ?? NaN, cell.cyclesPerSecond) < 1e-9);
  t.true(relativeError(prediction.peakRuntimeBytes?.estimate ?? NaN, cell.peakRuntimeBytes) < 1e-9);
  t.true(relativeError(prediction.gcCpuShare?.estimate ?? NaN, (cell.cyclesPerSecond * 0.025) / 2) < 1e-9);
});

test('where the limit takes over, and where goroutines have to help', (t) => {
  const collector = known(sweep([50, 200]));
  // Live + live · 1 = 0.97 · (116 − 12) MiB at (50.44 − 40) / 0.1 per second.
  const crossover = crossoverRate(collector, { gogcPercent: 100, memoryLimitBytes: mebibytes(116) });
  t.true(relativeError(crossover?.estimate ?? NaN, 104.4) < 1e-6, String(crossover?.estimate));
  t.is(crossoverRate(collector, { gogcPercent: 100, memoryLimitBytes: Infinity }), null);
  // 50 ms of marking at 1 MiB a request into 0.3 · (40 MiB + 0.1 MiB per 1/s): 12 / (0.05 − 0.03).
  const assists = assistRate(collector, { gogcPercent: 100, memoryLimitBytes: Infinity });
  t.is(assists, null, 'beyond four times the highest measured rate');
  const soon = assistRate(collector, { gogcPercent: 25, memoryLimitBytes: Infinity });
  t.true(relativeError(soon?.estimate ?? NaN, (0.3 * 0.25 * 40) / (0.05 - 0.3 * 0.25 * 0.1)) < 1e-6);
});

test('whatever field is no number is named, never used', (t) => {
  const fields = [
    'requestsPerSecond',
    'allocatedPerSecond',
    'cpuMsPerCycle',
    'heapGoalBytes',
    'rootsBytes',
    'nonHeapBytes',
    'peakRuntimeBytes',
    'nonGoBytes',
    'scannedBytes',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.constantFrom(NaN, -1, Infinity), fc.nat(5), (field, value, index) => {
      const spoilt = sweep([50, 200]).map((each, at) => (at === index ? { ...each, [field]: value } : each));
      return codes(spoilt).includes('not-a-number');
    }),
    { seed: 6 },
  );
  t.deepEqual(codes(sweep([50, 200])), []);
  t.deepEqual(codes(sweep([100])), ['one-gogc']);
  t.deepEqual(codes(sweep([50, 200]).filter(({ requestsPerSecond }) => requestsPerSecond > 50)), ['few-load-stages']);
  t.deepEqual(codes([]), ['no-observation']);
});

test('what some stages do not tell is not predicted, and said', (t) => {
  const stages = sweep([50, 200]);
  const without = (field: keyof CollectorObservation): KnownCollector =>
    known(stages.map((each, index) => (index === 2 ? { ...each, [field]: null } : each)));
  const at = { gogcPercent: 100, memoryLimitBytes: Infinity, requestsPerSecond: 60 };
  const [free, lean] = [without('cpuMsPerCycle'), without('peakRuntimeBytes')];
  const [unpriced, unmeasured] = [predictCollector(free, at), predictCollector(lean, at)];
  if (unpriced.status !== 'predicted' || unmeasured.status !== 'predicted') throw new Error('refused');
  t.is(unpriced.gcCpuShare, null);
  t.truthy(unpriced.cyclesPerSecond);
  t.is(unmeasured.peakRuntimeBytes, null);
  t.deepEqual(
    [free, lean].flatMap(({ warnings }) => warnings.map(({ code }) => code)),
    ['gc-cpu-unknown', 'memory-unknown'],
  );
  const dear = stages.map((each) => ({ ...each, cpuMsPerCycle: milliseconds(each.run === 'gogc-50' ? 25 : 45) }));
  t.deepEqual(
    known(dear).warnings.map(({ code }) => code),
    ['gc-cpu-scatters'],
  );
  const few = known(stages.map((each) => ({ ...each, cycles: 7 })));
  t.deepEqual(
    few.warnings.map(({ code }) => code),
    ['few-gc-cycles'],
  );
});

function widthAt(scatter: number): number {
  const stages = sweep([50, 100, 200]).map((each, index) => ({
    ...each,
    allocatedPerSecond: each.allocatedPerSecond * (1 + scatter * Math.sin(index * 7)),
    cpuMsPerCycle: milliseconds(25 * (1 + scatter * Math.cos(index * 5))),
  }));
  const at = predictCollector(known(stages), { gogcPercent: 150, memoryLimitBytes: Infinity, requestsPerSecond: 60 });
  if (at.status !== 'predicted' || at.gcCpuShare === null) throw new Error('refused');
  return (at.gcCpuShare.high - at.gcCpuShare.low) / at.gcCpuShare.estimate;
}

test('intervals are wider where stages scatter', (t) => {
  const [narrow, wide] = [widthAt(0.01), widthAt(0.1)];
  t.true(narrow > 0 && wide > 4 * narrow, `${narrow}, ${wide}`);
});
