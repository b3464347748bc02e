import test from 'ava';
import { relativeError } from '../../../fixtures/relative-error.ts';
import { mebibytes } from '../../../model/units.ts';
import { type CollectorCell, assistOnset, behaviourIn } from './collector-cell.ts';
import type { CollectorModel } from './collector-model.ts';

const megabyte = 1e6;

/** 64 MB truly live, everything allocated by requests of 1 MB; marking costs `perByte` ms per byte. */
function serviceWith(perByte: number, floating: number): CollectorModel {
  return {
    allocation: { base: 0, perRequest: megabyte },
    liveHeap: { base: 64 * megabyte, perRate: 0, floating, spread: 1 },
    roots: { base: 0, perRate: 0 },
    use: { kind: 'constant', share: 1 },
    cost: { base: 0, perRate: 0, perByte, scannedShare: 1 },
    nonHeap: { base: 16 * megabyte, perGoal: 0 },
    peak: { base: 10 * megabyte, perHeap: 1.06 },
  };
}

const cell = (more: Partial<CollectorCell>): CollectorCell => ({
  gogcPercent: 100,
  memoryLimitBytes: Infinity,
  processors: 2,
  requestsPerSecond: 60,
  ...more,
});

function predicted(model: CollectorModel, more: Partial<CollectorCell>) {
  const behaviour = behaviourIn(model, cell(more));
  if (behaviour.regime === 'thrash') throw new Error(behaviour.reason);
  return behaviour;
}

test('known answer: floating garbage as it was measured, 64 MB live at 60 to 545 MB/s', (t) => {
  // Go 1.19, two processors: live heap after marking; 0.62 ns per byte lies within the measured 0.7 to 2.0 including idle.
  const model = serviceWith(0.62e-6, 0.8);
  for (const [allocated, live] of [
    [60, 66],
    [200, 73],
    [305, 90],
    [545, 149],
  ] as const) {
    const { liveHeap } = predicted(model, { requestsPerSecond: allocated, gogcPercent: 400 });
    t.true(relativeError(liveHeap, live * megabyte) < 0.1, `${allocated}: ${liveHeap}`);
  }
  // Without it the live heap would not move, and be less than half of what it is at 545 MB/s.
  t.is(predicted(serviceWith(0.62e-6, 0), { requestsPerSecond: 545, gogcPercent: 400 }).liveHeap, 64 * megabyte);
});

test('twice the GOGC: half the collections and half their CPU', (t) => {
  const model = serviceWith(0.6e-6, 0);
  const [once, twice] = [predicted(model, {}), predicted(model, { gogcPercent: 200 })];
  t.true(relativeError(twice.cyclesPerSecond, once.cyclesPerSecond / 2) < 1e-9);
  t.true(relativeError(twice.gcCpuShare ?? NaN, (once.gcCpuShare ?? NaN) / 2) < 1e-9);
  // 60 MB/s into 64 MB of room; 0.6 ns · 64 MB each, of two processors.
  t.true(relativeError(once.cyclesPerSecond, 60 / 64) < 1e-9);
  t.true(relativeError(once.gcCpuShare ?? NaN, ((60 / 64) * 0.0384) / 2) < 1e-9);
});

test('assists begin where 0.075 · P · g / c bytes are allocated a second', (t) => {
  const model = serviceWith(1e-6, 0);
  const onset = (0.075 * 2 * 1) / 1e-9 / megabyte;
  const overlap = (requestsPerSecond: number): number => predicted(model, { requestsPerSecond }).overlap ?? NaN;
  t.true(overlap(onset * 0.99) < assistOnset);
  t.true(overlap(onset * 1.01) > assistOnset);
});

test('peak memory as it was measured: 1.06 · heap + 10 MB, held down by the limit', (t) => {
  const model = serviceWith(0.6e-6, 0);
  t.true(relativeError(predicted(model, {}).peakRuntimeBytes ?? NaN, (1.06 * 128 + 10) * megabyte) < 1e-9);
  const memoryLimitBytes = mebibytes(150);
  const limited = predicted(model, { gogcPercent: Infinity, memoryLimitBytes });
  t.is(limited.regime, 'limit');
  t.true((limited.peakRuntimeBytes ?? NaN) <= memoryLimitBytes);
});

test('thrash: no room below the limit, marking that never catches up, GOGC off without a limit', (t) => {
  const model = serviceWith(0.6e-6, 0.8);
  const regimes = [
    { memoryLimitBytes: 16 * megabyte + (64 * 1.2 * megabyte) / 0.97 },
    { requestsPerSecond: 3000 },
    { gogcPercent: 10, requestsPerSecond: 200 },
    { gogcPercent: Infinity },
    { gogcPercent: Infinity, memoryLimitBytes: 10 * megabyte },
  ].map((more) => behaviourIn(model, cell(more)).regime);
  t.deepEqual(regimes, ['thrash', 'thrash', 'thrash', 'thrash', 'thrash']);
});

test('once the limit decides, a higher GOGC changes nothing', (t) => {
  const model = { ...serviceWith(0.6e-6, 0), nonHeap: { base: 8 * megabyte, perGoal: 0.1 } };
  const shares = [130, 140, 150, 200, 400, Infinity].map((gogcPercent) => {
    const { regime, heapGoal, gcCpuShare } = predicted(model, { gogcPercent, memoryLimitBytes: 170 * megabyte });
    return { regime, heapGoal, gcCpuShare };
  });
  const last = shares.at(-1);
  t.is(last?.regime, 'limit');
  // goal = 0.97 · (170 − 8 − 0.1 · goal)
  t.true(relativeError(last?.heapGoal ?? NaN, ((0.97 * 162) / 1.097) * megabyte) < 1e-9);
  t.is(shares[0]?.regime, 'limit');
  for (const share of shares) t.deepEqual(share, last);
});
