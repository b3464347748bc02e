import test from 'ava';
import { type StageDescription, buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Objective } from '../../model/objective.ts';
import { milliseconds, percent, seconds } from '../../model/units.ts';
import type { Analysis, SignalForecast } from '../analysis.ts';
import { analyze } from '../analyze.ts';

const p90: Objective = {
  endpoint: null,
  kind: 'latency-quantile',
  quantile: 0.9,
  limitMs: milliseconds(60),
  comparison: '<',
};
const capacityPerSecond = 520;

/** A target that waits like a queue of 520/s, takes 4 ms of one of 4 processors per request, and holds what waits. */
function level(rate: number, more: Partial<StageDescription> = {}): StageDescription {
  const mean = 4 + 3 / (1 - Math.min(0.97, rate / capacityPerSecond));
  return {
    rate,
    seconds: 8,
    latencyMs: (random) => 2 + mean * random.exponential(),
    target: {
      cpuMsPerRequest: 4,
      goroutines: 20 + rate / 10,
      pool: { maxOpen: 10, inUse: 3, waitsPerSecond: 0, waitMsPerRequest: 0 },
    },
    ...more,
  };
}

/** Beyond what it can do: whatever is due is answered at that rate, one after the other. */
const overloaded = (rate: number): StageDescription =>
  level(rate, {
    latencyMs: (random, second) =>
      200 + seconds(second) * (rate / capacityPerSecond - 1) + 1000 * random.next() * (rate / capacityPerSecond - 1),
  });

const analysed = (stages: readonly StageDescription[], objectives: readonly Objective[] = [p90]): Analysis =>
  analyze(buildRunRecord({ objectives, stages }));
const forecast = ({ capacity }: Analysis, signal: string): SignalForecast | undefined =>
  capacity.forecasts.find((one) => one.signal === signal);

const stair = analysed([...[150, 200, 250, 300, 350, 400, 450].map((rate) => level(rate)), overloaded(560)]);

test('a resource that grows with the rate is foretold where it reaches its limit: CPU at 0.7 of 4 processors', (t) => {
  const cpu = forecast(stair, 'cpu');
  t.is(cpu?.status, 'not-reached', cpu?.note);
  const small = analysed([100, 200, 300, 400, 450].map((rate) => level(rate, { target: { cpuMsPerRequest: 6 } })));
  const near = forecast(small, 'cpu');
  t.is(near?.status, 'predicted', near?.note);
  const { estimate = 0, low = 0, high = 0 } = near?.ratePerSecond ?? {};
  t.true(Math.abs(estimate / (2800 / 6) - 1) < 0.05, `${estimate}`);
  t.true((low ?? 0) <= 2800 / 6 && (high ?? 0) >= 2800 / 6, `${low} to ${high}`);
  t.deepEqual(small.capacity.nextLimiter?.signal, 'cpu');
});

test('a latency objective is foretold by a curve through the steady stages, never above a stage that missed it', (t) => {
  const latency = forecast(stair, 'latency-objective');
  t.true(latency?.status === 'predicted' || latency?.status === 'bracketed', latency?.note);
  t.true((latency?.ratePerSecond?.high ?? Infinity) <= 560);
  t.true((latency?.ratePerSecond?.estimate ?? 0) >= 400, `${latency?.ratePerSecond?.estimate}`);
  t.is(latency?.points.find(({ ratePerSecond }) => ratePerSecond === 560)?.steady, false);
});

test('P(met) is told of the objective that is met least, for windows as long as the stages’', (t) => {
  const { objectivesMet } = stair.capacity;
  t.is(objectivesMet.status, 'estimated', objectivesMet.note);
  t.is(objectivesMet.objective, 'p90<60ms');
  t.is(objectivesMet.windowMs, milliseconds(7000));
  const { low, high } = objectivesMet.w50PerSecond ?? { low: null, high: null };
  t.true((low ?? 0) >= 350 && (high ?? Infinity) <= 560, `${low} to ${high}`);
});

test('an objective about something else leaves the whole undecided only where it was missed', (t) => {
  const rss: Objective = { kind: 'gc-cpu', endpoint: null, comparison: '<', limit: percent(10) };
  const { objectivesMet } = analysed(
    [...[200, 300, 400, 450].map((rate) => level(rate)), overloaded(560)],
    [p90, rss],
  ).capacity;
  t.is(objectivesMet.status, 'estimated');
  t.is(objectivesMet.objectives.find(({ objective }) => objective.startsWith('gc-cpu'))?.status, 'inconclusive');
});

test('throughput over concurrency: points by Little’s law, every law with a reason', (t) => {
  const { model } = stair.capacity;
  t.is(model.points.length + model.leftOut.length, 8);
  for (const { concurrency, throughputPerSecond } of model.points.slice(0, 7)) {
    const mean = 6 + 3 / (1 - throughputPerSecond / capacityPerSecond);
    // Service times are a twentieth shorter.
    t.true(Math.abs(concurrency / ((0.95 * mean * throughputPerSecond) / 1000) - 1) < 0.1, `${concurrency}`);
  }
  t.deepEqual(model.candidates.map((candidate) => candidate.model).toSorted(), [
    'amdahl',
    'hard-limit',
    'linear',
    'usl',
  ]);
  t.true(model.candidates.every(({ reason }) => reason.length > 20));
  t.true(model.note.length > 20);
});

test('what is doubtful of stages is said of stages, by their numbers', (t) => {
  const { model } = analysed([
    level(300, { kind: 'warm-up' }),
    level(150),
    ...[20, 40].map((rate) => level(rate)),
    ...[250, 350, 450].map((rate) => level(rate)),
  ]).capacity;
  t.regex(model.note, /stages 2, 3: below a concurrency of 1/);
  t.notRegex(model.note, /\brows?\b/);
  const few = analysed([level(150), level(250), level(350), level(450)]).capacity.model.note;
  t.regex(few, /4 stages: six or more tell/);
  t.notRegex(few, /\brows?\b/);
});

test('refused with a reason: two stages, all saturated, all invalid, no order, repeated rates', (t) => {
  const invalid: Partial<StageDescription> = { dropped: 0.01, health: { inFlightMax: 63 } };
  const cases: Readonly<Record<string, Analysis>> = {
    two: analysed([level(200), level(400)]),
    saturated: analysed([overloaded(600), overloaded(700), overloaded(800), overloaded(900)]),
    invalid: analysed([200, 300, 400, 450].map((rate) => level(rate, invalid))),
    repeated: analysed([level(300), level(300), level(300), level(300)]),
    disordered: analysed([
      level(200, { latencyMs: () => 90 }),
      level(300),
      level(400, { latencyMs: () => 90 }),
      level(450),
    ]),
  };
  for (const [name, { capacity }] of Object.entries(cases)) {
    t.is(capacity.objectivesMet.status, 'inconclusive', name);
    t.is(capacity.objectivesMet.w95PerSecond, null, name);
    t.is(capacity.model.name, 'none', `${name}: ${capacity.model.note}`);
    t.true(capacity.model.note.length > 10 && capacity.objectivesMet.note.length > 10, name);
    t.true(
      capacity.forecasts.every(({ status }) => status !== 'predicted'),
      `${name}: ${JSON.stringify(capacity.forecasts.filter(({ status }) => status === 'predicted'))}`,
    );
  }
});

test('nothing is said beyond 1.25 times the highest stage', (t) => {
  for (const { ratePerSecond } of stair.capacity.forecasts)
    t.true((ratePerSecond?.high ?? 0) <= 560 * 1.25 && (ratePerSecond?.estimate ?? 0) <= 560 * 1.25);
  t.true(stair.detail.latencyCurves.every(({ drawn }) => drawn.every((point) => point.ratePerSecond <= 450 + 1e-6)));
  const most = Math.max(...stair.capacity.model.points.map(({ concurrency }) => concurrency));
  for (const { points } of stair.detail.scalabilityCurves)
    t.true(points.every(({ concurrency }) => concurrency <= 1.25 * most + 1e-9));
});

test('the water-level stays what was measured', (t) => {
  t.deepEqual(stair.capacity.waterLevelPerSecond?.estimate, stair.capacity.waterLevelPerSecond?.low);
  t.is(stair.capacity.levels?.redPerSecond, stair.capacity.waterLevelPerSecond?.low);
});
