import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Objective } from '../../model/objective.ts';
import { milliseconds } from '../../model/units.ts';
import type { Analysis } from '../analysis.ts';
import { analyze } from '../analyze.ts';

const p90: Objective = {
  endpoint: null,
  kind: 'latency-quantile',
  quantile: 0.9,
  limitMs: milliseconds(50),
  comparison: '<',
};

function stair(stages: readonly Partial<StageDescription>[], objectives: readonly Objective[] = [p90]): Analysis {
  return analyze(
    buildRunRecord({
      objectives,
      stages: stages.map((stage, index) => ({ rate: 100 * (index + 1), seconds: 6, latencyMs: () => 10, ...stage })),
    }),
  );
}

const slow: Partial<StageDescription> = { latencyMs: () => 80 };
/** Requests were dropped beside an idle connection. */
const invalid: Partial<StageDescription> = { dropped: 0.01, health: { inFlightMax: 63 } };
const doubtful: Partial<StageDescription> = { latencyMs: (random) => (random.next() < 0.1 ? 80 : 10) };
const codes = ({ warnings }: Analysis): readonly string[] => warnings.map(({ code }) => code);

test('the water-level lies between the last level that held and the first that did not', (t) => {
  const { capacity } = stair([{}, {}, slow]);
  t.deepEqual(capacity.waterLevelPerSecond, { estimate: 200, low: 200, high: 300 });
  t.deepEqual(capacity.levels, { greenPerSecond: 140, yellowPerSecond: 170, redPerSecond: 200 });
});

test('where nothing was missed there is no upper end; where nothing held there is no water-level', (t) => {
  const all = stair([{}, {}]);
  t.deepEqual(all.capacity.waterLevelPerSecond, { estimate: 200, low: 200, high: null });
  t.true(codes(all).includes('water-level-beyond-range'));
  const none = stair([slow, slow]);
  t.is(none.capacity.waterLevelPerSecond, null);
  t.is(none.capacity.levels, null);
  t.true(codes(none).includes('water-level-unknown'));
});

test('an invalid level neither holds nor misses: it widens the bracket', (t) => {
  const analysis = stair([{}, invalid, {}, slow]);
  t.deepEqual(analysis.capacity.waterLevelPerSecond, { estimate: 100, low: 100, high: 400 });
  t.true(codes(analysis).includes('water-level-bracket-widened'));
  t.is(analysis.stages[1]?.held, null);
});

test('so does an inconclusive one', (t) => {
  const { capacity, stages } = stair([{}, doubtful, slow]);
  t.is(stages[1]?.held, null);
  t.deepEqual(capacity.waterLevelPerSecond, { estimate: 100, low: 100, high: 300 });
});

test('a level at which the generator was late holds where its figures hold, and misses where lateness is no excuse', (t) => {
  const late: Partial<StageDescription> = { latenessMs: () => 20 };
  const near: Partial<StageDescription> = { ...late, latencyMs: () => 80 };
  const far: Partial<StageDescription> = { ...late, latencyMs: () => 800 };
  t.deepEqual(stair([{}, late, slow]).capacity.waterLevelPerSecond, { estimate: 200, low: 200, high: 300 });
  t.deepEqual(stair([{}, near, slow]).capacity.waterLevelPerSecond, { estimate: 100, low: 100, high: 300 });
  t.deepEqual(stair([{}, far, slow]).capacity.waterLevelPerSecond, { estimate: 100, low: 100, high: 200 });
  t.deepEqual(
    stair([{}, near]).verdict.reasons.map((reason) => /the generator was late/.test(reason)),
    [true],
  );
});

test('answers that lateness may have moved behind the window do not make a level saturated', (t) => {
  // Of the last of six seconds nothing is answered within them.
  const behind: Partial<StageDescription> = { latencyMs: (_, second) => (second === 5 ? 1100 : 10) };
  const saturation = (lateness: number): Analysis['capacity']['saturationPerSecond'] =>
    stair([{}, { ...behind, latenessMs: () => lateness }, { dropped: 0.3, health: { inFlightMax: 64 } }], []).capacity
      .saturationPerSecond;
  t.deepEqual(saturation(1), { estimate: 100, low: 100, high: 200 });
  t.deepEqual(saturation(900), { estimate: 100, low: 100, high: 300 });
});

test('without objectives there is no water-level, but saturation', (t) => {
  const { capacity, verdict } = stair([{}, {}, { dropped: 0.05, health: { inFlightMax: 64 } }], []);
  t.is(capacity.waterLevelPerSecond, null);
  t.deepEqual(capacity.saturationPerSecond, { estimate: 200, low: 200, high: 300 });
  t.deepEqual(verdict, { status: 'inconclusive', reasons: ['no objectives'], objectives: [] });
});

test('repeated levels hold only where all repeats do; a stair downward is one as well', (t) => {
  t.deepEqual(
    stair([{ rate: 300, ...slow }, { rate: 100 }, { rate: 200 }, { rate: 200, ...slow }]).capacity.waterLevelPerSecond,
    {
      estimate: 100,
      low: 100,
      high: 200,
    },
  );
});

test('a level above one that missed and held again is said', (t) => {
  const analysis = stair([{}, slow, {}]);
  t.deepEqual(analysis.capacity.waterLevelPerSecond, { estimate: 100, low: 100, high: 200 });
  t.true(codes(analysis).includes('water-level-not-monotone'));
});

test('the verdict: miss is fail, doubt is inconclusive, all held is pass', (t) => {
  t.is(stair([{}, {}]).verdict.status, 'pass');
  t.is(stair([{}, slow]).verdict.status, 'fail');
  t.is(stair([{}, invalid]).verdict.status, 'inconclusive');
  t.is(stair([invalid, slow]).verdict.status, 'fail');
  t.is(stair([{}, doubtful]).verdict.status, 'inconclusive');
});

test('a run that did not end as planned never passes', (t) => {
  const record = buildRunRecord({
    objectives: [p90],
    stages: [{ rate: 100, seconds: 6, latencyMs: () => 10 }],
    outcome: { status: 'aborted', phase: 'load', reason: 'half of the requests failed', code: 'error-ratio' },
  });
  t.is(analyze(record).verdict.status, 'inconclusive');
});

test('a run without any load has no figures, and says so', (t) => {
  const analysis = analyze(
    buildRunRecord({
      objectives: [p90],
      stages: [{ rate: 100, seconds: 6 }],
      withoutTraffic: true,
      outcome: { status: 'failed', phase: 'target', reason: 'not ready', hint: 'look at target.log' },
    }),
  );
  t.deepEqual(analysis.stages, []);
  t.is(analysis.verdict.status, 'inconclusive');
  t.true(codes(analysis).includes('traffic-missing'));
});
