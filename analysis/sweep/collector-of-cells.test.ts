import test from 'ava';
import { buildObservedStage } from '../../fixtures/records/build-observed-stage.ts';
import { bytes, mebibytes, nanoseconds, perSecond, seconds } from '../../model/units.ts';
import type { CollectorObservation } from '../models/garbage-collector/collector-observation.ts';
import { collectorOfCells } from './collector-of-cells.ts';
import type { SweepRun } from './sweep-run.ts';

/** A service whose collector does exactly what Go's rules say: 64 MiB live, 256 KiB a request, 1 ns to mark a byte. */
function observation(gogcPercent: number, rate: number): CollectorObservation {
  const live = mebibytes(64 + 0.01 * rate);
  const roots = mebibytes(1);
  const goal = live + ((live + roots) * gogcPercent) / 100;
  const allocated = mebibytes(0.25 * rate);
  return {
    run: `${gogcPercent}`,
    stage: 1,
    name: `${rate}/s`,
    source: 'runtime-metrics',
    settings: { gogcPercent, memoryLimitBytes: Infinity, processors: 2 },
    requestsPerSecond: perSecond(rate),
    durationMs: seconds(60),
    cycles: 60,
    cyclesPerSecond: perSecond(allocated / (goal - live)),
    allocatedPerSecond: allocated,
    cpuMsPerCycle: nanoseconds(live + roots),
    assistShare: 0,
    liveHeap: { mean: live, p95: live },
    liveHeapGrowthPerHour: 0,
    heapGoalBytes: bytes(goal),
    rootsBytes: roots,
    scannedBytes: bytes(live + roots),
    memoryFrom: 'runtime',
    nonHeapBytes: mebibytes(12),
    peakRuntimeBytes: bytes(goal + mebibytes(12)),
    nonGoBytes: beside,
  };
}

/** Resident, but none of the runtime's. */
const beside = mebibytes(6);

const run = (GOGC: string, rates: readonly number[] = [100, 200, 300]): SweepRun => ({
  purpose: 'cell',
  settings: { GOGC },
  repeat: 1,
  run: GOGC,
  outcome: { status: 'completed', reason: '' },
  stages: rates.map((load, index) => ({
    validity: { status: 'valid', reasons: [] },
    observed: buildObservedStage({ index, load }),
  })),
  collector: rates.map((rate) => observation(Number(GOGC), rate)),
  pool: null,
  environment: {},
});

const factors = [{ name: 'GOGC', kind: 'environment', values: ['50', '100', '400'] }] as const;
const target = { environment: {}, memoryLimitBytes: mebibytes(512) };
const near = (value: number | undefined, wanted: number, within = 0.03): boolean =>
  Math.abs((value ?? Number.NaN) / wanted - 1) < within;

test('a cell is predicted from the others, in the figures that are observed', (t) => {
  const model = collectorOfCells([run('50'), run('100'), run('400')], factors, target, 1);
  if (model.status === 'unknown') throw new Error(model.reason);
  const predicted = model.predict({ GOGC: '100' }, 300);
  const wanted = observation(100, 300);
  t.like(predicted, { status: 'predicted', basis: 'other-cells', regime: 'gogc' });
  t.true(near(predicted.gcCyclesPerSecond?.estimate, wanted.cyclesPerSecond));
  t.true(near(predicted.heapGoalBytes?.estimate, wanted.heapGoalBytes));
  t.true(
    near(predicted.rssPeakBytes?.estimate, (wanted.peakRuntimeBytes ?? 0) + beside),
    'with what is beside the runtime',
  );
  t.is(model.predict({ GOGC: '100' }, 900).status, 'refused', 'far beyond what was measured');
  t.like(model.predict({ GOGC: '100', GOMEMLIMIT: '90MiB' }, 300), {
    status: 'refused',
    regime: 'thrash',
    gcCpuShare: null,
  });
  t.like(model.predict({ GOGC: 'off' }, 300), { status: 'refused', regime: 'thrash' });
});

test('where the others do not determine the model it is fitted with all, and that is said', (t) => {
  const model = collectorOfCells([run('100'), run('200')], factors, target, 1);
  if (model.status === 'unknown') throw new Error(model.reason);
  t.is(model.predict({ GOGC: '100' }, 300).basis, 'all-cells');
});

test('settings are recommended for a container, and none without one', (t) => {
  const runs = [run('50'), run('100'), run('400')];
  const model = collectorOfCells(runs, factors, target, 1);
  if (model.status === 'unknown') throw new Error(model.reason);
  const { recommended } = model.recommend(300);
  t.regex(recommended?.settings['GOGC'] ?? '', /^\d+$/);
  t.regex(recommended?.settings['GOMEMLIMIT'] ?? '', /^\d+MiB$/);
  t.true((recommended?.predicted?.rssPeakBytes?.estimate ?? Infinity) < target.memoryLimitBytes);
  const without = collectorOfCells(runs, factors, { ...target, memoryLimitBytes: null }, 1);
  t.regex(without.status === 'known' ? without.recommend(300).reason : '', /target\.memory/);
  const tight = collectorOfCells(runs, factors, { ...target, memoryLimitBytes: mebibytes(80) }, 1);
  t.is(tight.status === 'known' ? tight.recommend(300).recommended : undefined, null);
});

test('no model: too few loads, or settings that it knows nothing of', (t) => {
  const few = collectorOfCells([run('50', [100]), run('100', [100])], factors, target, 1);
  t.regex(few.status === 'unknown' ? few.reason : '', /1 level of load/);
  const pool = { name: 'pool', kind: 'setting', values: ['1', '2'] } as const;
  const other = collectorOfCells([run('50'), run('100')], [...factors, pool], target, 1);
  t.regex(other.status === 'unknown' ? other.reason : '', /pool varies as well/);
});
