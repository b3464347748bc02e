import test from 'ava';
import { collectorStage } from '../../../fixtures/records/collector-stage.ts';
import { mebibytes, milliseconds, seconds } from '../../../model/units.ts';
import { type KnownCollector, knowCollector } from '../../models/garbage-collector/known-collector.ts';
import type { CollectorObservation } from '../../models/garbage-collector/collector-observation.ts';
import { chooseMemoryLimit } from './memory-limit.ts';
import { type CollectorQuestion, type CollectorSizing, sizeCollector } from './size-collector.ts';

const stages: readonly CollectorObservation[] = [100, 200].flatMap((gogc) =>
  [30, 60, 90].map((rate) => collectorStage(gogc, rate)),
);

function known(observations = stages): KnownCollector {
  const collector = knowCollector(observations, { resamples: 100 });
  if (collector.status === 'unknown') throw new Error(JSON.stringify(collector.reasons));
  return collector;
}

const asked = (more: Partial<CollectorQuestion>): CollectorSizing =>
  sizeCollector({
    collector: known(),
    containerBytes: mebibytes(256),
    requestsPerSecond: 60,
    cpuBudget: null,
    exclusive: false,
    ...more,
  });

function sized(more: Partial<CollectorQuestion>): Extract<CollectorSizing, { status: 'sized' }> {
  const sizing = asked(more);
  if (sizing.status !== 'sized') throw new Error(sizing.reason);
  return sizing;
}

test('the limit: what the container leaves, in whole MiB, never above 90 % of it', (t) => {
  // 5 % head-room and 6 MiB that Go does not count leave more than 90 %.
  t.is(chooseMemoryLimit(mebibytes(1000), stages).memoryLimitBytes, mebibytes(900));
  t.is(chooseMemoryLimit(mebibytes(100), stages).memoryLimitBytes, mebibytes(89));
  const unmeasured = stages.map((each) => ({ ...each, nonGoBytes: null }));
  t.is(chooseMemoryLimit(mebibytes(105), unmeasured).memoryLimitBytes, mebibytes(94));
  t.is(chooseMemoryLimit(mebibytes(1), stages).memoryLimitBytes, 0);
});

test('GOGC is the largest whose peak stays below 85 % of the limit', (t) => {
  const { gogcPercent, limit, predicted } = sized({});
  // 1.1025 · 46 MiB · (1 + 61/64 g) + 12 MiB ≤ 0.85 · 230 MiB.
  t.is(limit.memoryLimitBytes, mebibytes(230));
  t.is(gogcPercent, Math.floor((((0.85 * 230 - 12) / (1.1025 * 46) - 1) / (61 / 64)) * 100));
  t.is(predicted.regime, 'gogc');
  t.true((predicted.peakRuntimeBytes?.estimate ?? Infinity) <= 0.85 * limit.memoryLimitBytes);
});

test('between 50 and 500, however much or little memory there is', (t) => {
  t.is(sized({ containerBytes: mebibytes(4000) }).gogcPercent, 500);
  const tight = sized({ containerBytes: mebibytes(100) });
  t.is(tight.gogcPercent, 50);
  t.true(tight.doubts.some(({ code }) => code === 'limit-at-work'));
});

test('the budget is judged, not met by other means', (t) => {
  const { predicted } = sized({});
  const share = predicted.gcCpuShare?.estimate ?? 0;
  t.is(sized({ cpuBudget: share * 1.01 }).meetsBudget, true);
  const missed = sized({ cpuBudget: share * 0.99 });
  t.is(missed.meetsBudget, false);
  t.true(missed.doubts.some(({ code }) => code === 'budget-missed'));
});

test('a budget inside the interval is not decided', (t) => {
  const scattered = stages.map((each, index) => ({ ...each, cpuMsPerCycle: milliseconds(index % 2 === 0 ? 20 : 30) }));
  const question = { collector: known(scattered) };
  const share = sized(question).predicted.gcCpuShare;
  t.true(share !== null && share.low < share.estimate && share.estimate < share.high);
  const sizing = sized({ ...question, cpuBudget: share?.estimate ?? 0 });
  t.is(sizing.meetsBudget, null);
  t.true(sizing.doubts.some((doubt) => doubt.code === 'budget-undecided'));
});

const code = (sizing: CollectorSizing): string => (sizing.status === 'refused' ? sizing.code : sizing.status);

test('refused: too little room, a rate that was not measured, memory that is not known', (t) => {
  t.is(code(asked({ containerBytes: mebibytes(70) })), 'thrash');
  t.is(code(asked({ containerBytes: mebibytes(1) })), 'thrash');
  // 1.5 · 46 + 12 MiB are 81, and 90 % of a container of 90 MiB; there it is not refused.
  const refused = asked({ containerBytes: mebibytes(70) });
  t.regex(refused.status === 'refused' ? refused.reason : '', /a container of 92 MiB/);
  t.is(code(asked({ containerBytes: mebibytes(92) })), 'sized');
  t.is(code(asked({ containerBytes: mebibytes(91) })), 'thrash');
  t.is(code(asked({ requestsPerSecond: 120 })), 'beyond-measured-range');
  t.is(code(asked({ collector: known(stages.map((each) => ({ ...each, nonHeapBytes: null }))) })), 'memory-unknown');
  t.true(sized({ requestsPerSecond: 100 }).doubts.some((doubt) => doubt.code === 'rate-extrapolated'));
});

test('the table rises in memory and falls in CPU, and says where more memory is hardly worth it', (t) => {
  const { pareto, enoughGogcPercent } = sized({ containerBytes: mebibytes(4000) });
  t.deepEqual(
    pareto.map(({ gogcPercent }) => gogcPercent),
    [50, 75, 100, 150, 200, 300, 400, 500],
  );
  // 60/s: 3.6 % of the processors at 50; each 10 % of memory saves less than 1 % from the start.
  t.is(enoughGogcPercent, 50);
});

test('GOGC=off only for an exclusive container, a steady heap over ten minutes, and room', (t) => {
  const long = known(stages.map((each) => ({ ...each, durationMs: seconds(600) })));
  const against = (more: Partial<CollectorQuestion>): number => sized(more).gogcOff.against.length;
  t.deepEqual(sized({ collector: long, exclusive: true }).gogcOff, { allowed: true, against: [] });
  t.is(against({}), 2);
  t.is(against({ collector: long }), 1);
  t.is(against({ exclusive: true }), 1);
  const leaking = known(stages.map((each) => ({ ...each, durationMs: seconds(600), liveHeapGrowthPerHour: 0.2 })));
  t.is(against({ collector: leaking, exclusive: true }), 1);
});
