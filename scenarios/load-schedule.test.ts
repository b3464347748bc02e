import test from 'ava';
import * as fc from 'fast-check';
import type { OpenLoadProfile, OpenStage } from '../model/load-profile.ts';
import { milliseconds, perSecond, seconds } from '../model/units.ts';
import { dueTimes, expectedArrivals, rateAt, stageAt, stageStarts } from './load-schedule.ts';

function stage(from: number, to: number, durationMs: number): OpenStage {
  return {
    name: `${from}→${to}`,
    kind: from === to ? 'hold' : 'ramp',
    startPerSecond: perSecond(from),
    endPerSecond: perSecond(to),
    durationMs: milliseconds(durationMs),
  };
}

const open = (arrivals: 'even' | 'poisson', stages: readonly OpenStage[]): OpenLoadProfile => ({
  kind: 'open',
  arrivals,
  stages,
});

function listOf(profile: OpenLoadProfile, seed = 1, onlyStage?: number): { at: number; stage: number }[] {
  const list: { at: number; stage: number }[] = [];
  for (const cursor = dueTimes(profile, seed, onlyStage); Number.isFinite(cursor.offsetMs); cursor.advance())
    list.push({ at: cursor.offsetMs, stage: cursor.stage });
  return list;
}

const anyStage = fc
  .tuple(fc.nat(400), fc.nat(400), fc.integer({ min: 0, max: 5000 }), fc.boolean())
  .map(([from, to, duration, hold]) => stage(from, hold ? from : to, duration));
const anyProfile = fc
  .tuple(fc.constantFrom('even' as const, 'poisson' as const), fc.array(anyStage, { minLength: 1, maxLength: 5 }))
  .map(([arrivals, stages]) => open(arrivals, stages));

test('expected arrivals add up over any split of the profile', (t) => {
  fc.assert(
    fc.property(
      anyProfile,
      fc.array(fc.double({ min: 0, max: 25_000, noNaN: true }), { maxLength: 6 }),
      (profile, cuts) => {
        const end = stageStarts(profile).at(-1) ?? milliseconds(0);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), Math.max(end, 25_000)].map(milliseconds);
        let sum = 0;
        for (const [index, edge] of edges.entries())
          if (index > 0) sum += expectedArrivals(profile, edges[index - 1] ?? edge, edge);
        const trapezia = profile.stages.reduce(
          (area, each) => area + ((each.startPerSecond + each.endPerSecond) / 2) * (each.durationMs / 1e3),
          0,
        );
        return Math.abs(sum - trapezia) < 1e-6;
      },
    ),
    { seed: 1 },
  );
  t.pass();
});

test('due times never go back, lie in their stage, and one stage alone gives the same as the whole', (t) => {
  fc.assert(
    fc.property(anyProfile, fc.integer(), (profile, seed) => {
      const whole = listOf(profile, seed);
      const starts = stageStarts(profile);
      const inOrder = whole.every((due, index) => index === 0 || due.at >= (whole[index - 1]?.at ?? 0));
      const inStage = whole.every(
        (due) => due.at >= (starts[due.stage] ?? Infinity) && due.at < (starts[due.stage + 1] ?? -Infinity),
      );
      const agree = whole.every((due) => stageAt(profile, milliseconds(due.at)) === due.stage);
      const parts = profile.stages.flatMap((_, index) => listOf(profile, seed, index));
      return inOrder && inStage && agree && JSON.stringify(parts) === JSON.stringify(whole);
    }),
    { seed: 2 },
  );
  t.pass();
});

test('even arrivals up to any instant are the expected number, rounded', (t) => {
  fc.assert(
    fc.property(
      fc.array(anyStage, { minLength: 1, maxLength: 5 }),
      fc.double({ min: 0, max: 25_000, noNaN: true }),
      (stages, until) => {
        const profile = open('even', stages);
        const count = listOf(profile).filter((due) => due.at < until).length;
        return Math.abs(count - expectedArrivals(profile, milliseconds(0), milliseconds(until))) <= 0.5 + 1e-6;
      },
    ),
    { seed: 3 },
  );
  t.pass();
});

test('an even hold of a whole number of arrivals has exactly that many, wherever it stands', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 9 })), {
        minLength: 1,
        maxLength: 6,
      }),
      (holds) => {
        const profile = open(
          'even',
          holds.map(([rate, length]) => stage(rate, rate, seconds(length))),
        );
        return holds.every(([rate, length], index) => listOf(profile, 1, index).length === rate * length);
      },
    ),
    { seed: 4 },
  );
  // 0.1 + 0.2 style sums: 3 × 0.1 s at 10/s is one arrival each, never two or none.
  const tenths = open(
    'even',
    Array.from({ length: 30 }, () => stage(10, 10, 100)),
  );
  t.deepEqual(
    tenths.stages.map((_, index) => listOf(tenths, 1, index).length),
    Array.from({ length: 30 }, () => 1),
  );
});

test('even gaps in a hold are all alike, and a ramp’s gaps follow its rate', (t) => {
  const hold = listOf(open('even', [stage(200, 200, 2000)]));
  t.true(hold.every((due, index) => Math.abs(due.at - (index + 0.5) * 5) < 1e-9));
  const profile = open('even', [stage(0, 1000, 10_000)]);
  const ramp = listOf(profile);
  t.is(ramp.length, 5000);
  for (const index of [100, 1000, 4000]) {
    const gap = (ramp[index + 1]?.at ?? 0) - (ramp[index]?.at ?? 0);
    const expected = 1e3 / rateAt(profile, milliseconds(ramp[index]?.at ?? 0));
    t.true(Math.abs(gap / expected - 1) < 0.01, `gap ${gap} for ${expected}`);
  }
});

test('Poisson counts over seeds have the mean and the variance of a Poisson count, in a ramp too', (t) => {
  const profile = open('poisson', [stage(100, 100, 500), stage(0, 200, 1000)]);
  const runs = 2000;
  for (const [index, mean] of [
    [0, 50],
    [1, 100],
  ] as const) {
    const counts = Array.from({ length: runs }, (_, seed) => listOf(profile, seed, index).length);
    const average = counts.reduce((a, b) => a + b, 0) / runs;
    const variance = counts.reduce((a, b) => a + (b - average) ** 2, 0) / (runs - 1);
    // Five standard errors: sqrt(mean / runs) of the mean, mean × sqrt(2 / runs) of the variance.
    t.true(Math.abs(average - mean) < 5 * Math.sqrt(mean / runs), `mean ${average} for ${mean}`);
    t.true(Math.abs(variance / mean - 1) < 5 * Math.sqrt(2 / runs) + 0.02, `variance ${variance} for ${mean}`);
  }
});

test('a Poisson schedule has variance-to-mean near 1 in windows of 10 and 100 ms', (t) => {
  const due = listOf(open('poisson', [stage(2000, 2000, 200_000)]), 7);
  for (const width of [10, 100]) {
    const counts = new Float64Array(200_000 / width);
    for (const { at } of due) {
      const bin = Math.floor(at / width);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const mean = due.length / counts.length;
    const ratio = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1) / mean;
    t.true(ratio > 0.9 && ratio < 1.1, `${width} ms: ${ratio}`);
  }
});

test('the same seed gives the same due times, another seed others', (t) => {
  const profile = open('poisson', [stage(50, 50, 1000)]);
  t.deepEqual(listOf(profile, 3), listOf(profile, 3));
  t.notDeepEqual(listOf(profile, 3), listOf(profile, 4));
});

test('a stage without load or without length has no due times and stops nobody', (t) => {
  const profile = open('even', [stage(0, 0, 1000), stage(10, 10, 0), stage(10, 10, 1000), stage(0, 0, 500)]);
  const due = listOf(profile);
  t.is(due.length, 10);
  t.true(due.every((each) => each.stage === 2));
  t.true(rateAt(profile, milliseconds(500)) === 0);
  t.true(rateAt(profile, milliseconds(1500)) === 10);
  t.is(stageAt(profile, milliseconds(1000)), 2);
  t.is(stageAt(profile, milliseconds(2500)), null);
  t.is(stageAt(profile, milliseconds(-1)), null);
});
