import test from 'ava';
import { buildObservedStage, reading } from '../../fixtures/records/build-observed-stage.ts';
import { combineStages } from './combine-stages.ts';

const own = { estimate: 12, low: 10, high: 15, confidence: 0.95, method: 'batch means' };

test('one run keeps its figures and the intervals that it has', (t) => {
  const stage = buildObservedStage({ responseTimeMs: { '0.5': null, '0.9': null, '0.99': own, '0.999': null } });
  t.deepEqual(combineStages([stage]), stage);
});

test('several runs give their mean and Student’s t between them, cut where the figure cannot be', (t) => {
  const stages = [0.9, 0.96, 0.99].map((share, index) =>
    buildObservedStage({
      gcCpuShare: reading(share),
      rssPeakBytes: reading(100 + index),
      errorShare: reading(index / 100),
      responseTimeMs: { '0.5': null, '0.9': null, '0.99': { ...own, estimate: 10 + index }, '0.999': null },
    }),
  );
  const [first, second, third] = stages;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three stages');
  const all = combineStages([first, second, third]);
  t.is(all.runs, 3);
  // t(0.975, 2) = 4.30265; standard deviation 1; / √3
  const half = 4.302652729911275 / Math.sqrt(3);
  const p99 = all.responseTimeMs['0.99'];
  t.is(p99?.estimate, 11);
  t.true(Math.abs((p99?.low ?? 0) - (11 - half)) < 1e-6, String(p99?.low));
  t.true(Math.abs((p99?.high ?? 0) - (11 + half)) < 1e-6);
  t.is(p99?.method, "mean of 3 runs, Student's t with 2 degrees of freedom");
  t.is(all.gcCpuShare?.high, 1, 'a share is at most the whole');
  t.is(all.errorShare?.low, 0, 'and none is below 0');
  t.true((all.rssPeakBytes?.high ?? 0) > 102, 'what is no share has no upper end of its own');
});

test('what one of the runs does not know is not known', (t) => {
  const stage = combineStages([buildObservedStage({ goroutines: reading(9) }), buildObservedStage()]);
  t.is(stage.goroutines, null);
  t.is(stage.completedPerSecond?.estimate, 200);
});

test('pools are put together by name, objectives are counted, doubts are kept once', (t) => {
  const pool = {
    name: 'db',
    maxOpen: 8,
    inUse: reading(4),
    waitCountPerSecond: null,
    waitMsPerRequest: null,
    holdMs: reading(3),
  };
  const stage = combineStages([
    buildObservedStage({ pools: [pool], objectives: { met: 1, missed: 0, undecided: 0 }, warnings: ['few-gc-cycles'] }),
    buildObservedStage({
      pools: [{ ...pool, maxOpen: 9, inUse: reading(6) }],
      objectives: { met: 0, missed: 1, undecided: 0 },
      warnings: ['few-gc-cycles', 'counter-restarted'],
    }),
  ]);
  t.is(stage.pools[0]?.inUse?.estimate, 5);
  t.is(stage.pools[0]?.maxOpen, null, 'not the same in both');
  t.is(stage.pools[0]?.waitMsPerRequest, null);
  t.deepEqual(stage.objectives, { met: 1, missed: 1, undecided: 0 });
  t.deepEqual(stage.warnings, ['few-gc-cycles', 'counter-restarted']);
});
